import type { ComponentChildren, VNode } from "preact";

/** Our own line icons on a grid of 24. They are decoration: the control around them has the name. */
function icon(...children: ComponentChildren[]): () => VNode {
  return function Icon() {
    return (
      <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
        {children}
      </svg>
    );
  };
}

const slash = <path d="M4 4l16 16" />;
const microphone = <path d="M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />;
const camera = <path d="M4.5 7h9a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7zM15 11l6-3.2v8.4L15 13" />;

export const MicrophoneIcon = icon(microphone);
export const MicrophoneOffIcon = icon(microphone, slash);
export const CameraIcon = icon(camera);
export const CameraOffIcon = icon(camera, slash);
export const ScreenIcon = icon(<path d="M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.5zM8.5 20h7M12 13V8M9.5 10L12 7.5l2.5 2.5" />);
export const DevicesIcon = icon(<path d="M4 7h8M18 7h2M4 17h2M12 17h8M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z" />);
export const LeaveIcon = icon(<path d="M3 14.5c0-1.5 1-2.8 2.5-3.5 4-1.9 9-1.9 13 0 1.5.7 2.5 2 2.5 3.5v.8c0 .6-.5 1-1.1.9l-3.3-.6a1 1 0 0 1-.8-.9l-.2-1.9a12 12 0 0 0-7.2 0l-.2 1.9a1 1 0 0 1-.8.9l-3.3.6A1 1 0 0 1 3 15.3z" />);
export const SoundIcon = icon(<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />);
export const WeakIcon = icon(<path d="M5 19v-4M10 19v-7" />, <path d="M15 19V9M20 19V5" opacity="0.35" />);
export const LostIcon = icon(<path d="M5 19v-4M10 19v-7M15 19V9M20 19V5" opacity="0.35" />, slash);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const CheckIcon = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const ClockIcon = icon(<path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5V12l3 2" />);
export const AlertIcon = icon(<path d="M12 8v5M12 16.5v.01M10.6 4.3L2.9 17.6A1.6 1.6 0 0 0 4.3 20h15.4a1.6 1.6 0 0 0 1.4-2.4L13.4 4.3a1.6 1.6 0 0 0-2.8 0z" />);
export const PersonIcon = icon(<path d="M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0" />);
