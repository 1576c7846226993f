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
export const ChatIcon = icon(<path d="M5 5h14a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 19 16h-7l-4.5 4v-4H5a1.5 1.5 0 0 1-1.5-1.5v-8A1.5 1.5 0 0 1 5 5zM8 9h8M8 12h5" />);
export const PeopleIcon = icon(<path d="M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11zM3 19.5a6 6 0 0 1 12 0M15.5 5a3 3 0 0 1 0 5.8M17.5 14.4a5.6 5.6 0 0 1 3.5 5.1" />);
export const FilesIcon = icon(<path d="M6.5 3.5h7l4.5 4.5v11a1.5 1.5 0 0 1-1.5 1.5h-10A1.5 1.5 0 0 1 5 19V5a1.5 1.5 0 0 1 1.5-1.5zM13 3.5V8.500h5" />);
export const HandIcon = icon(<path d="M7.500 12V6.200a1.300 1.300 0 0 1 2.600 0V11m0-.5V4.700a1.300 1.300 0 0 1 2.600 0V11m0-.5V5.700a1.300 1.300 0 0 1 2.600 0V12m0-3.300a1.300 1.300 0 0 1 2.600 0v5.800a6.300 6.300 0 0 1-6.300 6.300c-2.500 0-3.900-1-5.200-3.200l-2.500-4.300a1.300 1.300 0 0 1 2.200-1.300L7.500 14" />);
export const PointerIcon = icon(<path d="M5.500 4.500l13 6.200-5.600 2-2.200 5.600z" />);
export const PresentIcon = icon(<path d="M4 4.500h16M5 4.500v9.500a1.500 1.500 0 0 0 1.500 1.500h11a1.500 1.500 0 0 0 1.500-1.500V4.500M12 15.500V20M8.500 20h7M9 11.500l2-2.200 1.500 1.500 2.500-3" />);
export const MoreIcon = icon(<path d="M5.500 12h.01M12 12h.01M18.500 12h.01" stroke-width="3" />);
export const PhotoIcon = icon(<path d="M4.500 7.500h3L9 5h6l1.500 2.500h3A1.500 1.500 0 0 1 21 9v8.500a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 17.500V9a1.500 1.500 0 0 1 1.500-1.500zM12 16.200a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400z" />);
export const SendIcon = icon(<path d="M4.500 5l15.500 7-15.500 7 2-7zM6.500 12H13" />);
export const StarIcon = icon(<path class="star" d="M12 3.800l2.500 5.200 5.700.8-4.100 4 1 5.700-5.100-2.700-5.100 2.700 1-5.700-4.100-4 5.700-.8z" />);
export const BoardIcon = icon(<path d="M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5V6a1.500 1.500 0 0 1 1.500-1.500zM9 20.500l1-3.500M15 20.500L14 17M7 13c2-6 3.500-5.500 3.500-3.500S9.500 13 11.500 13 14 9.500 17 8.500" />);
export const SaveIcon = icon(<path d="M12 4v10.500M7.500 10.500L12 15l4.500-4.500M4.500 19.500h15" />);
export const EraseAllIcon = icon(<path d="M5 7h14M9.500 7V4.500h5V7M6.500 7l1 12.500h9L17.500 7M10.300 10.500v5.500M13.700 10.500v5.500" />);
export const PinIcon = icon(<path d="M9 4h6l-1 6 3.5 3.5h-11L10 10zM12 13.5V20" />);
export const PipIcon = icon(<path d="M4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5v-11A1.5 1.5 0 0 1 4.5 5z" />, <path d="M12.5 12.5h5.5v3.5h-5.5z" fill="currentColor" />);
export const MoveIcon = icon(<path d="M12 4v16M4 12h16M9.5 6.5L12 4l2.5 2.5M9.5 17.5L12 20l2.5-2.5M6.5 9.5L4 12l2.5 2.5M17.5 9.5L20 12l-2.5 2.5" />);
