"""The image in the place of the replaced service's, and by itself."""

import os
import subprocess
from pathlib import Path

import yaml

from engine import IMAGE, inspected, podman, running

ROOT = Path(__file__).resolve().parents[2]

# The replaced service's environment and file, as the Booking Module publishes them, with secrets filled in.
PLATFORM_FILE = ROOT / "crates/server/tests/program/booking_module/config.json"
PLATFORM_FILE_INSIDE = "/home/node/app/teleconsultation-service/config.json"
PLATFORM = {
    "LOG_LEVEL": "trace",
    "MICROSERVICE_GATEWAY_SERVICE_NAME": "microservice-gateway",
    "TRUSTED_PROXIES": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
    "HTTP_PORT": "3000",
    "USERID_HEADER_KEY": "miauserid",
    "GROUPS_HEADER_KEY": "miausergroups",
    "CLIENTTYPE_HEADER_KEY": "client-type",
    "BACKOFFICE_HEADER_KEY": "isbackoffice",
    "USER_PROPERTIES_HEADER_KEY": "miauserproperties",
    "ADDITIONAL_HEADERS_TO_PROXY": "x-forwarded-for,x-request-id,x-forwarded-host,cookie,client-type",
    "DEFAULT_CLIENT_TYPE": "backoffice",
    "TELECONSULTATIONS_CRUD_NAME": "/bk-ts-teleconsultations",
    "USER_ID_MAP_CRUD_NAME": "/bk-ts-userid-maps",
    "BANDYER_APP_ID": "app_0123456789",
    "BANDYER_API_SECRET_KEY": "ak_live_0123456789abcdef01234567",
    "BANDYER_BASE_URL": "https://api.sandbox.eu.bandyer.com",
    "AUTH_SERVICE": "auth0-client",
    "CUSTOM_ID_USERS_API_ENDPOINT": "http://user-manager-service-proxy/users/",
    "TELECONSULTATION_SERVICE_CONFIG_PATH": PLATFORM_FILE_INSIDE,
}

BOOKING = {
    "start_date": "2020-01-01T10:00:00.000Z",
    "duration_in_seconds": 1800,
    "participants": {
        "number": 2,
        "data": [
            {"userId": "doctor-1", "fullName": "Dr. Ada Marino", "groups": ["doctor"]},
            {"userId": "patient-1", "fullName": "Luca Conti", "groups": ["patient"]},
        ],
    },
}


def test_what_was_booked_is_there_in_the_next_container_on_the_same_volume():
    volume = f"--volume=visits:{inspected(IMAGE)['Config']['Volumes'].popitem()[0]}"
    with running(volume, settings={}) as container:
        container.wait_for("/-/ready")
        assert container.listening() == set(inspected(IMAGE)["Config"]["ExposedPorts"])
        status, booked = container.request("POST", "/teleconsultation", BOOKING)
        assert status == 201
        path, patient = f"/teleconsultation/{booked['roomId']}", {"miauserid": "patient-1"}
        status, first = container.request("GET", path, headers=patient)
        assert status == 200 and first["accessLinkURL"]
        # With the usual wait for balancers.
        assert container.stop() == 0, container.output()

    with running(volume, settings={"WAIT_BEFORE_SERVER_CLOSE_SEC": "0"}) as container:
        container.wait_for("/-/ready")
        assert container.request("GET", path, headers=patient) == (200, first)
        assert container.request("GET", path, headers={"miauserid": "somebody-else"})[0] == 401
        assert container.stop() == 0, container.output()

    folder = Path(podman("volume", "inspect", "--format={{.Mountpoint}}", "visits").strip())
    owned = {(path.stat().st_uid, path.stat().st_mode & 0o077) for path in folder.glob("*.*")}
    assert owned and {owner for owner, _ in owned} == {65532}
    assert folder.stat().st_uid == 65532 and folder.stat().st_mode & 0o777 == 0o700


def test_the_replaced_services_environment_alone_starts_it_as_any_user():
    file = f"--volume={PLATFORM_FILE}:{PLATFORM_FILE_INSIDE}:ro"
    # The folder for data belongs to another user here, so nothing at all can be written.
    with running(file, "--user=54321:54321", settings=PLATFORM) as container:
        container.wait_for("/-/healthz")
        assert container.is_healthy()
        # There is no CRUD Service here.
        assert container.request("GET", "/-/ready")[0] == 503


def test_a_program_that_does_not_answer_is_not_healthy():
    with running(settings={"HTTP_PORT": "3000"}) as container:
        container.wait_for("/-/ready")
        assert container.is_healthy()
        podman("kill", "--signal=STOP", container.id)
        assert not container.is_healthy()
        podman("kill", "--signal=CONT", container.id)
        container.wait_for("/-/ready")
        assert container.is_healthy()


def test_the_image_says_whose_it_is_and_needs_neither_root_nor_a_shell():
    config = inspected(IMAGE)["Config"]
    version = subprocess.run([os.environ["TELECONSULTATION_PROGRAM"], "--version"], capture_output=True, text=True, check=True).stdout
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()}
    assert f"teleconsultation {labels['version']}\n" == version
    assert labels["licenses"] == "MIT OR Apache-2.0" and labels["title"] and labels["description"]
    user, group = (int(number) for number in config["User"].split(":"))
    assert user != 0 and group != 0
    assert inspected(IMAGE)["Healthcheck"]["Test"][0] == "CMD" and config["Entrypoint"][0].startswith("/")


def test_compose_and_kubernetes_publish_mount_and_run_as_the_image_says():
    config = inspected(IMAGE)["Config"]
    exposed, folders, version = set(config["ExposedPorts"]), set(config["Volumes"]), config["Labels"]["org.opencontainers.image.version"]

    composed = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]["teleconsultation"]
    assert {port.rpartition(":")[2] for port in composed["ports"]} == exposed
    assert {volume.rpartition(":")[2] for volume in composed["volumes"]} == folders
    # Whoever reaches the API can name themselves.
    assert all(port.startswith("127.0.0.1:") for port in composed["ports"] if ":3000/" in port)

    manifests = yaml.safe_load_all((ROOT / "deploy/kubernetes/teleconsultation.yaml").read_text())
    pod = next(manifest for manifest in manifests if manifest["kind"] == "Deployment")["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert {f"{port['containerPort']}/{port['protocol'].lower()}" for port in container["ports"]} == exposed
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == folders
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == config["User"]
    assert container["image"].endswith(f":{version}")
