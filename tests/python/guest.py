"""Takes part in a teleconsultation by a personal access link, as a mobile app would, and says on each line what was received.

Usage: guest.py BASE_URL ACCESS_LINK. Ends with its standard input.
"""

import asyncio
import json
import sys
import urllib.request

from person import Person


def enter(base_url: str, access_link: str) -> dict:
    access_token = access_link.split("?")[0].rsplit("/", 1)[-1]
    request = urllib.request.Request(
        f"{base_url}/call/enter",
        data=json.dumps({"access_token": access_token}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


async def main(base_url: str, access_link: str) -> None:
    entry = enter(base_url, access_link)
    guest = Person()
    await guest.enter(entry["livekit"]["url"] or base_url, entry["livekit"]["token"])
    await guest.publish()
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not ended.done():
        print(json.dumps({"frames": guest.heard.video_frames, "sounds": len(guest.heard.audio_rms)}), flush=True)
        await asyncio.wait([ended], timeout=0.5)
    await guest.leave()


asyncio.run(main(*sys.argv[1:]))
