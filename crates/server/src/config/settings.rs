//! Every setting, declared once: what it is for, its default and an example. `docs/configuration.md` comes from here.

/// One setting.
pub struct Setting {
    /// Its name in the environment and in our own file.
    pub name: &'static str,
    /// Another name that means the same.
    pub alias: Option<&'static str>,
    /// What it takes, and its unit.
    pub takes: &'static str,
    /// What holds if it is absent, as text for people.
    pub default: &'static str,
    /// A value as one would write it.
    pub example: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What this version does with it.
    pub effect: Effect,
}

/// What this version does with a setting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// What it says.
    Works,
    /// As `Works`; the value is secret and can be in a file named by the setting's name and `_FILE`.
    Secret,
    /// Nothing: it belongs to a part that this version needs not or has not, and starting without it breaks no promise.
    Accepted,
}

/// Settings that belong together.
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The settings.
    pub settings: &'static [Setting],
}

/// A setting of which `..WORKS` fills in what is usual.
const WORKS: Setting =
    Setting { name: "", alias: None, takes: "text", default: "none", example: "", doc: "", effect: Effect::Works };

/// The file in which every other setting can be written instead of the environment.
pub const SETTINGS_PATH: &str = "TELECONSULTATION_SETTINGS_PATH";

/// All settings.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Files",
        settings: &[
            Setting {
                name: SETTINGS_PATH,
                takes: "path of a JSON file",
                example: "/etc/teleconsultation.json",
                doc: "Settings under the names on this page, as one JSON object. The environment comes before it; unknown names are refused.",
                ..WORKS
            },
            Setting {
                name: "TELECONSULTATION_SERVICE_CONFIG_PATH",
                takes: "path of a JSON file",
                default: "patients (`basic`) and doctors (`plus`) with every tool",
                example: "/home/node/app/teleconsultation-service/config.json",
                doc: "The platform's configuration file: `privileges`, `userIdPathInRequest`, `customUserId`, `groupsWithBackgroundList`, `theme` and `companyLogo`. Other properties are tolerated.",
                ..WORKS
            },
            Setting {
                name: "DATA_DIR",
                takes: "path of a folder",
                default: "`./data`",
                example: "/var/lib/teleconsultation",
                doc: "Where the database and the generated secrets lie. Made if it is not there, readable by its owner only.",
                ..WORKS
            },
            Setting {
                name: "DATABASE_URL",
                takes: "`sqlite:` and a path, or a `postgres:` URL",
                default: "`teleconsultation.sqlite` in `DATA_DIR`",
                example: "sqlite:/var/lib/teleconsultation/visits.sqlite",
                doc: "The database. PostgreSQL serves several instances at once only with Kaleyra Video as the provider: calls that this program carries itself need one instance.",
                ..WORKS
            },
            Setting {
                name: "FILES_URL",
                takes: "path of a folder, `s3://bucket` or `s3://bucket/prefix`",
                default: "`files` in `DATA_DIR`",
                example: "s3://clinic-files/visits",
                doc: "Where the files lie that people send in calls of this program's own video service: in a folder, or in S3 or what speaks like it. Who calls S3, and where it is, say the usual variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` (`AWS_ALLOW_HTTP` for one without TLS), or the role of the machine. A change leaves the files where they were: copy them first.",
                ..WORKS
            },
            Setting {
                name: "UPLOAD_MAX_FILE_SIZE",
                takes: "whole number of `B`, `KB`, `MB` or `GB`, at most 1 GB",
                default: "`100MB`",
                example: "250MB",
                doc: "The largest file that can be sent in a call. It is never held in memory as a whole. A room holds 200 files and 2 GB.",
                ..WORKS
            },
            Setting {
                name: "LINK_SECRET",
                takes: "64 hexadecimal digits",
                default: "generated into `DATA_DIR`",
                example: "the output of openssl rand -hex 32",
                doc: "What links are made and sealed with in the database. Instances that share a database need the same one. Changing it ends links.",
                effect: Effect::Secret,
                ..WORKS
            },
        ],
    },
    Group {
        title: "HTTP",
        settings: &[
            Setting {
                name: "HTTP_HOST",
                takes: "address or host name",
                default: "`localhost`: both loopback addresses",
                example: "0.0.0.0",
                doc: "Where the API and the pages listen. Whoever reaches the port can name themselves in a header, so anything but loopback must be asked for.",
                ..WORKS
            },
            Setting {
                name: "HTTP_PORT",
                takes: "port; 0: any",
                default: "3000",
                example: "8080",
                doc: "The port of the API and the pages.",
                ..WORKS
            },
            Setting {
                name: "PUBLIC_URL",
                takes: "`http` or `https` URL without a path",
                default: "`http://localhost:` and the port",
                example: "https://visits.example.org",
                doc: "Where people reach the pages. Personal links begin with it; those given out before a change keep the old one.",
                ..WORKS
            },
            Setting {
                name: "SSL_CERT_FILE",
                takes: "path of a PEM file",
                example: "/home/node/app/tls/ca.pem",
                doc: "Further authorities whose certificates are trusted wherever the program calls out (the platform, Kaleyra, webhooks, the collector of traces), and which `teleconsultation doctor` takes for good at `PUBLIC_URL`: those of your own network.",
                ..WORKS
            },
            Setting {
                name: "NODE_EXTRA_CA_CERTS",
                takes: "path of a PEM file",
                example: "/home/node/app/tls/additional.pem",
                doc: "As `SSL_CERT_FILE`, under the platform's name; both can be set.",
                ..WORKS
            },
            Setting {
                name: "SERVICE_PREFIX",
                takes: "path",
                example: "/consultations",
                doc: "A further prefix under which the API is served, beside none and `/api/v1/telecons-be`.",
                ..WORKS
            },
            Setting {
                name: "TRUSTED_PROXIES",
                takes: "comma list of addresses and networks",
                example: "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
                doc: "Proxies whose `x-forwarded-for` is believed when tries of one client are counted.",
                ..WORKS
            },
            Setting {
                name: "WAIT_BEFORE_SERVER_CLOSE_SEC",
                alias: Some("DELAY_SHUTDOWN_SECONDS"),
                takes: "whole number, seconds, 0 to 3600",
                default: "10",
                example: "5",
                doc: "How long the program still serves after SIGTERM, so that balancers notice that it is not ready any more.",
                ..WORKS
            },
            Setting {
                name: "LOG_LEVEL",
                takes: "`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`",
                default: "`info`",
                example: "debug",
                doc: "What is logged. Anything else means `info`.",
                ..WORKS
            },
        ],
    },
    Group {
        title: "Teleconsultations",
        settings: &[
            Setting {
                name: "IMMUTABLE_PERIOD_MS",
                takes: "whole number, milliseconds, at most a year",
                default: "0",
                example: "600000",
                doc: "How long before its start a complete teleconsultation stops changing and shows its links.",
                ..WORKS
            },
            Setting {
                name: "UNLIMITED_TELECONSULTATION",
                takes: "`true` or `false`",
                default: "`true`",
                example: "false",
                doc: "Whether rooms never expire. If not, a room can be used as long as its teleconsultation lasts, 24 hours at most, counted while two or more are connected.",
                ..WORKS
            },
            Setting {
                name: "LIVE_TELECONSULTATION",
                takes: "`true` or `false`",
                default: "`true`",
                example: "false",
                doc: "Whether a call ends when somebody leaves and fewer than two remain.",
                ..WORKS
            },
            Setting {
                name: "DEFAULT_RECORDING_TYPE",
                takes: "`none`, `manual` or `automatic`",
                default: "`none`",
                example: "none",
                doc: "Whether calls are recorded. Only Kaleyra Video records: this program itself does not yet.",
                ..WORKS
            },
            Setting {
                name: "TELECONSULTATION_DELETE_UPLOADS",
                takes: "`true` or `false`",
                default: "`false`",
                example: "true",
                doc: "Whether the files that were shared in a call are deleted when its page asks for it: whenever the call is interrupted, also by a lost network.",
                ..WORKS
            },
        ],
    },
    Group {
        title: "Reception desk",
        settings: &[
            Setting {
                name: "DESK",
                takes: "`true` or `false`",
                default: "`true`",
                example: "false",
                doc: "Whether there are the reception desk's page, `/desk`, and the part of the API that it needs. If not, they are unknown routes.",
                ..WORKS
            },
            Setting {
                name: "DESK_KEY",
                takes: "16 to 256 letters, digits and signs",
                default: "generated into `DATA_DIR`",
                example: "the output of openssl rand -hex 32",
                doc: "Opens the reception desk: whoever has it sees everybody's names and personal links. `teleconsultation desk-link` prints the address with the key. Several instances need the same one; where nothing is kept in `DATA_DIR`, there is no desk without it.",
                effect: Effect::Secret,
                ..WORKS
            },
        ],
    },
    Group {
        title: "Media",
        settings: &[
            Setting {
                name: "MEDIA_UDP_PORT",
                takes: "port; 0: any",
                default: "7882",
                example: "7882",
                doc: "The UDP port of all media. Everyone in a call must reach it, or the TCP port.",
                ..WORKS
            },
            Setting {
                name: "MEDIA_TCP_PORT",
                takes: "port; 0: any",
                default: "7881",
                example: "7881",
                doc: "The TCP port for media of people whose network blocks UDP.",
                ..WORKS
            },
            Setting {
                name: "MEDIA_ADVERTISED_IPS",
                takes: "comma list of addresses",
                default: "this machine's own",
                example: "203.0.113.7,2001:db8::7",
                doc: "The addresses that browsers send media to, best first. Needed behind an address translator, and in a container.",
                ..WORKS
            },
            Setting {
                name: "MEDIA_ROOM_AUTO_CREATE",
                takes: "`true` or `false`",
                default: "`false`",
                example: "true",
                doc: "Whether a token signed by `LIVEKIT_API_SECRET` opens a room that no teleconsultation has. For tests with other clients.",
                ..WORKS
            },
            Setting {
                name: "WAITING_ROOM",
                takes: "`true` or `false`",
                default: "`true`",
                example: "false",
                doc: "Whether patients wait until a doctor lets them in. Who may act on others never waits, and in a room where nobody may, nobody does. Without, everybody enters at once.",
                ..WORKS
            },
            Setting {
                name: "LIVEKIT_API_KEY",
                takes: "text",
                default: "generated into `DATA_DIR`",
                example: "APIclinic",
                doc: "The name of the key that signs access tokens of the media engine. Together with `LIVEKIT_API_SECRET`.",
                ..WORKS
            },
            Setting {
                name: "LIVEKIT_API_SECRET",
                takes: "text of at least 32 bytes",
                default: "generated into `DATA_DIR`",
                example: "a long random text of your own, 32 bytes or more",
                doc: "The secret that signs access tokens of the media engine.",
                effect: Effect::Secret,
                ..WORKS
            },
        ],
    },
    Group {
        title: "Who calls",
        settings: &[
            Setting {
                name: "USERID_HEADER_KEY",
                takes: "header name",
                default: "`miauserid`",
                example: "x-user-id",
                doc: "The header with the caller's id, unless `userIdPathInRequest` in the platform's file says where it is.",
                ..WORKS
            },
            Setting {
                name: "GROUPS_HEADER_KEY",
                takes: "header name",
                default: "`miausergroups`",
                example: "miausergroups",
                doc: "The header with the caller's groups, separated by commas.",
                ..WORKS
            },
            Setting {
                name: "CLIENTTYPE_HEADER_KEY",
                takes: "header name",
                default: "`client-type`",
                example: "client-type",
                doc: "The header with the caller's kind of client. It travels on to the platform's services.",
                ..WORKS
            },
            Setting {
                name: "BACKOFFICE_HEADER_KEY",
                takes: "header name",
                default: "`isbackoffice`",
                example: "isbackoffice",
                doc: "The header that marks calls from the back office. It travels on to the platform's services.",
                ..WORKS
            },
            Setting {
                name: "USER_PROPERTIES_HEADER_KEY",
                takes: "header name",
                default: "`miauserproperties`",
                example: "miauserproperties",
                doc: "The header with the caller's properties. It travels on to the platform's services.",
                ..WORKS
            },
            Setting {
                name: "ADDITIONAL_HEADERS_TO_PROXY",
                takes: "comma list of header names",
                example: "x-request-id,cookie",
                doc: "Further headers that travel on to the platform's services: the CRUD Service, the identity provider and the users of the project. Never to the video provider.",
                ..WORKS
            },
            Setting {
                name: "DEFAULT_CLIENT_TYPE",
                takes: "text",
                example: "backoffice",
                doc: "The kind of client towards the identity provider, for callers that have none.",
                ..WORKS
            },
            Setting {
                name: "MICROSERVICE_GATEWAY_SERVICE_NAME",
                takes: "host name",
                example: "microservice-gateway",
                doc: "The platform's gateway between services.",
                effect: Effect::Accepted,
                ..WORKS
            },
        ],
    },
    Group {
        title: "Metrics and traces",
        settings: &[
            Setting {
                name: "EXPOSE_METRICS",
                takes: "`true` or `false`",
                default: "`true`",
                example: "false",
                doc: "Whether `/-/metrics` is served. If not, it is an unknown route.",
                ..WORKS
            },
            Setting {
                name: "OTEL_EXPORTER_OTLP_ENDPOINT",
                takes: "`http` or `https` URL",
                example: "http://otel-collector:4318",
                doc: "The OpenTelemetry collector that traces are sent to, by OTLP over HTTP, below its `/v1/traces`. Without it none are made.",
                ..WORKS
            },
            Setting {
                name: "OTEL_EXPORTER_OTLP_HEADERS",
                takes: "comma list of `header=value`, percent-encoded",
                example: "authorization=Basic%20dXNlcjpwYXNz",
                doc: "Headers for the collector, such as a key.",
                effect: Effect::Secret,
                ..WORKS
            },
            Setting {
                name: "OTEL_EXPORTER_OTLP_TIMEOUT",
                takes: "whole number, milliseconds, 1 to 60000",
                default: "10000",
                example: "5000",
                doc: "How long one request to the collector may take.",
                ..WORKS
            },
            Setting {
                name: "OTEL_EXPORTER_OTLP_PROTOCOL",
                takes: "`http/protobuf`",
                default: "`http/protobuf`",
                example: "http/protobuf",
                doc: "How the collector is spoken to. With any other protocol no traces are sent.",
                ..WORKS
            },
            Setting {
                name: "OTEL_SERVICE_NAME",
                takes: "text",
                default: "`teleconsultation`",
                example: "teleconsultation-test",
                doc: "What the service is called in traces.",
                ..WORKS
            },
            Setting {
                name: "OTEL_RESOURCE_ATTRIBUTES",
                takes: "comma list of `name=value`, percent-encoded",
                example: "deployment.environment.name=test",
                doc: "What else traces say of the service.",
                ..WORKS
            },
            Setting {
                name: "OTEL_TRACES_SAMPLER",
                takes: "`always_on`, `always_off` or `traceidratio`, each also with `parentbased_` before it",
                default: "`parentbased_always_on`",
                example: "parentbased_traceidratio",
                doc: "Which traces are sent. With `parentbased_` a caller who began the trace decides.",
                ..WORKS
            },
            Setting {
                name: "OTEL_TRACES_SAMPLER_ARG",
                takes: "number from 0 to 1",
                default: "1",
                example: "0.1",
                doc: "The part of all traces that `traceidratio` sends.",
                ..WORKS
            },
            Setting {
                name: "OTEL_SDK_DISABLED",
                takes: "`true` or `false`",
                default: "`false`",
                example: "true",
                doc: "Whether no traces are sent in spite of an endpoint.",
                ..WORKS
            },
            Setting {
                name: "ENABLE_TRACING",
                takes: "`true` or `false`",
                default: "`true`",
                example: "false",
                doc: "As the opposite of `OTEL_SDK_DISABLED`, under the platform's name. By itself it turns nothing on.",
                ..WORKS
            },
        ],
    },
    Group {
        title: "Other services",
        settings: &[
            Setting {
                name: "BANDYER_BASE_URL",
                takes: "URL",
                default: "this program carries calls itself",
                example: "https://api.sandbox.eu.bandyer.com",
                doc: "Kaleyra Video, in place of this program, makes rooms and carries calls. A path `/rest` or an old host means its API v1, everything else v2. Together with `BANDYER_API_SECRET_KEY`.",
                ..WORKS
            },
            Setting {
                name: "BANDYER_API_SECRET_KEY",
                takes: "text",
                default: "generated into `DATA_DIR` if this program carries calls itself",
                example: "ak_live_123456",
                doc: "The company's key: for Kaleyra Video, or for the same API of this program. Ids of users at the provider are derived with it; those made before a change stay.",
                effect: Effect::Secret,
                ..WORKS
            },
            Setting {
                name: "WEBHOOK_PRIVATE_ADDRESSES",
                takes: "`true` or `false`",
                default: "`false`",
                example: "true",
                doc: "Whether webhooks and the provider of names of this program's own video service may be at addresses of this machine or its network. Who has the company's key can then make this program send requests there.",
                ..WORKS
            },
            Setting {
                name: "BANDYER_APP_ID",
                takes: "text",
                example: "app_123",
                doc: "Of an old web SDK.",
                effect: Effect::Accepted,
                ..WORKS
            },
            Setting {
                name: "CRUD_SERVICE_URL",
                takes: "URL",
                default: "`http://crud-service`, if another setting speaks of the CRUD Service",
                example: "http://crud-service",
                doc: "The CRUD Service keeps teleconsultations. Comes before `CRUD_SERVICE`; together with both collections.",
                ..WORKS
            },
            Setting {
                name: "CRUD_SERVICE",
                takes: "host name",
                example: "crud-service",
                doc: "As `CRUD_SERVICE_URL`, by its host.",
                ..WORKS
            },
            Setting {
                name: "TELECONSULTATIONS_CRUD_NAME",
                takes: "path",
                example: "/bk-ts-teleconsultations",
                doc: "The CRUD Service's collection of teleconsultations.",
                ..WORKS
            },
            Setting {
                name: "USER_ID_MAP_CRUD_NAME",
                alias: Some("USER_MAP_ID_CRUD_NAME"),
                takes: "path",
                example: "/bk-ts-userid-maps",
                doc: "The CRUD Service's collection that says who is whom at the video provider.",
                ..WORKS
            },
            Setting {
                name: "AUTH_SERVICE",
                takes: "host name or URL",
                example: "auth0-client",
                doc: "The identity provider that knows people's groups and names, so that callers name people by their ids alone.",
                ..WORKS
            },
            Setting {
                name: "CUSTOM_ID_USERS_API_ENDPOINT",
                takes: "URL",
                example: "http://user-manager-service/users/",
                doc: "Where ids of a project's own are looked up before the identity provider is asked: a list of users with the query of the CRUD Service. The file's `customUserId` names the fields.",
                ..WORKS
            },
            Setting {
                name: "TRANSCRIPTION_MAX_FILE_SIZE",
                takes: "whole number of `B`, `KB`, `MB` or `GB`, at most 1 GB",
                default: "`50MB`",
                example: "50MB",
                doc: "The longest transcription that is shown. It is held in memory while it is.",
                ..WORKS
            },
        ],
    },
];

/// Every setting.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_there_once_and_every_setting_is_explained() {
        let mut names = BTreeSet::new();
        for setting in all() {
            assert!(
                [Some(setting.name), setting.alias].into_iter().flatten().all(|name| names.insert(name)),
                "{}",
                setting.name
            );
            assert!(!setting.doc.is_empty() && !setting.example.is_empty(), "{}", setting.name);
        }
    }
}
