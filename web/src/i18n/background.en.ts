/** The texts of what is behind the person in their own picture. Part of `en`. */
export const backgroundEn = {
  "background.label": "Behind you",
  "background.none": "Your room, as it is",
  "background.blur": "Your room, blurred",
  "background.image": "The practice's picture",
  "background.on": "Others do not see your room.",
  "background.loading": "Your background is being prepared. Until then others see your whole picture blurred.",
  "background.slow": "This device is too slow to hide only your room. So that nobody sees it, others now see your whole picture blurred.",
  "background.failed": "Your room cannot be hidden by itself right now. So that nobody sees it, others see your whole picture blurred.",
  "action.show_room": "Show my picture with my room",
} as const;
