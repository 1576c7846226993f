import { defineConfig } from "@playwright/test";

/** What Chromium needs to run without a screen, without its own traffic, and with a camera and a microphone that it plays itself. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const devices = [
  // Ten pictures a second: the machine encodes and decodes those of three people in software.
  "--use-fake-device-for-media-stream=fps=10",
  "--use-fake-ui-for-media-stream",
  "--auto-select-desktop-capture-source=Entire screen",
  "--autoplay-policy=no-user-gesture-required",
];

/** Lets nothing but TCP through, as a strict company firewall does. */
const tcpOnly = "--webrtc-ip-handling-policy=disable_non_proxied_udp";

function chromium(...args: string[]) {
  return { launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...quiet, ...args] } };
}

export default defineConfig({
  testDir: "specs",
  outputDir: "output/results",
  // One at a time: the machine has two cores, and each test has a server and up to three browsers of its own.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: { trace: "retain-on-failure" },
  projects: [
    { name: "call", testIgnore: [/tcp\.spec/, /devices\.spec/, /loss\.spec/, /long\.spec/], use: chromium(...devices) },
    { name: "tcp", testMatch: /tcp\.spec/, use: chromium(...devices, tcpOnly) },
    { name: "loss", testMatch: /loss\.spec/, use: chromium(...devices) },
    // Ten minutes, on a machine that does nothing else: `run` leaves it out.
    { name: "long", testMatch: /long\.spec/, use: chromium(...devices) },
    { name: "devices", testMatch: /devices\.spec/, use: chromium("--autoplay-policy=no-user-gesture-required") },
  ],
});
