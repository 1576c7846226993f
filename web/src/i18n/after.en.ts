/** The texts of what comes after the call. Part of `en`. */
export const afterEn = {
  "after.onward": "What comes next",
  "after.goes_on": "This page goes on to {host} by itself. You can stop that.",
  "after.seconds": "In {count} s",
  "after.stays": "You stay on this page.",
  "after.go": "Go to {host}",
  "after.stay": "Stay here",

  "rate.over": "The consultation was too long ago to be rated.",
} as const;
