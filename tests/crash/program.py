"""The real program on ports and a data folder of its own."""

import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

READY_WITHIN_S = 20


# The system gives ports from 32768 on to connections, which could take one while the program is killed and started again.
PORTS = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Different ports that are free, and that no connection takes by itself."""
    ports = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise OSError("no ports are free")


class Program:
    def __init__(self, data_dir: str):
        self.data_dir = data_dir
        self.port, udp_port, tcp_port = free_ports(3)
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": data_dir,
            "HTTP_PORT": str(self.port),
            "MEDIA_UDP_PORT": str(udp_port),
            "MEDIA_TCP_PORT": str(tcp_port),
            "WAIT_BEFORE_SERVER_CLOSE_SEC": "0",
            "LOG_LEVEL": "error",
            # Patients enter without being let in.
            "WAITING_ROOM": "false",
        }
        self.process = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [os.environ["TELECONSULTATION_PROGRAM"]], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                if self.request("GET", "/-/ready")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the program did not start: {self.process.stdout.read().decode()}")
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        return code

    def request(self, method: str, path: str, body=None, headers=None):
        """Returns the status and the parsed body. A connection that breaks raises OSError."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                text = response.read()
                return response.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None
