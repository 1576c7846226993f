//! The ports, and the addresses that browsers are told.

use std::net::IpAddr;

use media::StartError;

use super::{Finding, said};
use crate::{
    config::{Config, ProviderSettings, is_loopback},
    health, listen,
};

/// What was found. `running`: a program runs on these settings' data folder, so its ports are in use.
pub async fn examine(config: &Config, running: bool) -> Vec<Finding> {
    let (media, advertised) = (&config.media, &config.media.advertised_ips);
    let http = http_port(&config.http.host, config.http.port, running).await;
    if matches!(config.provider, ProviderSettings::Kaleyra { .. }) {
        // Calls are carried elsewhere.
        return vec![http];
    }
    let mut findings = vec![
        http,
        media_port("media UDP port", media.udp_port, running, media::try_udp_port(media.udp_port, advertised)),
        media_port("media TCP port", media.tcp_port, running, media::try_tcp_port(media.tcp_port, advertised)),
    ];
    findings.extend(advertised_addresses(config));
    findings
}

async fn http_port(host: &str, port: u16, running: bool) -> Finding {
    let about = "HTTP port";
    let error = match listen::bind(host, port).await {
        Ok(_) if port == 0 => return Finding::good(about, format!("any free one on {host}")),
        Ok(_) => return Finding::good(about, format!("{host}:{port} is free")),
        Err(error) => error,
    };
    match (health::ask(host, port).await.is_ok(), running) {
        (true, true) => Finding::good(about, format!("{host}:{port} is in use by the running program")),
        (true, false) => Finding::bad(
            about,
            format!(
                "{host}:{port} is in use by a teleconsultation program with another DATA_DIR: stop it, or set HTTP_PORT"
            ),
        ),
        (false, _) => Finding::bad(about, said(&error)),
    }
}

fn media_port(about: &'static str, port: u16, running: bool, trial: Result<(), StartError>) -> Finding {
    let setting = if about == "media UDP port" { "MEDIA_UDP_PORT" } else { "MEDIA_TCP_PORT" };
    match trial {
        Ok(()) if port == 0 => {
            Finding::doubtful(about, format!("another one at each start: set {setting} where a firewall must open it"))
        }
        Ok(()) => Finding::good(about, format!("{port} is free; open it to everyone in a call")),
        Err(StartError::Port { .. }) if running => {
            Finding::good(about, format!("{port} is in use, by the running program it seems"))
        }
        Err(error @ StartError::Port { .. }) => {
            Finding::bad(about, format!("{}; {setting} sets another port", said(&error)))
        }
        Err(error @ (StartError::NoAddress | StartError::NoTransport | StartError::System(_))) => {
            Finding::bad(about, said(&error))
        }
    }
}

fn advertised_addresses(config: &Config) -> Vec<Finding> {
    let about = "advertised address";
    let given = &config.media.advertised_ips;
    if given.is_empty() {
        return vec![if is_loopback(&config.http.host) && config.http.public_url.is_none() {
            Finding::good(about, "this machine's own; enough for browsers on this machine and its network")
        } else {
            Finding::doubtful(
                about,
                "this machine's own; behind an address translator or in a container, set MEDIA_ADVERTISED_IPS to the address that browsers reach",
            )
        }];
    }
    let public = |address: &IpAddr| match address {
        IpAddr::V4(address) => !address.is_private() && !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unique_local() && !address.is_unicast_link_local(),
    };
    let finding = |address: &IpAddr| {
        if public(address) {
            Finding::good(about, format!("{address}"))
        } else {
            Finding::doubtful(
                about,
                format!("{address} is reached from its own network only; fine if everyone is there"),
            )
        }
    };
    given.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::{doctor::Verdict, http::SERVICE_NAME};

    const LOOPBACKS: [&str; 2] = ["127.0.0.1", "::1"];

    async fn examined(settings: &[(&str, String)], running: bool) -> Vec<Finding> {
        // Both families, as on a machine that has both.
        let usual = [("MEDIA_ADVERTISED_IPS", "203.0.113.7,2001:db8::7".to_owned()), ("HTTP_PORT", "0".to_owned())];
        let owned = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
        examine(&Config::load(usual.iter().chain(settings).map(owned)).unwrap(), running).await
    }

    fn finding<'a>(findings: &'a [Finding], about: &str) -> &'a Finding {
        findings.iter().find(|finding| finding.about == about).unwrap()
    }

    #[tokio::test]
    async fn a_media_port_that_is_taken_on_either_family_is_said() {
        for host in LOOPBACKS {
            let udp = UdpSocket::bind((host, 0)).unwrap();
            let tcp = TcpListener::bind((host, 0)).unwrap();
            let ports =
                [udp.local_addr().unwrap().port(), tcp.local_addr().unwrap().port()].map(|port| port.to_string());
            let settings = [("MEDIA_UDP_PORT", ports[0].clone()), ("MEDIA_TCP_PORT", ports[1].clone())];
            let findings = examined(&settings, false).await;
            for (transport, port) in ["UDP", "TCP"].into_iter().zip(&ports) {
                let port_finding = finding(&findings, &format!("media {transport} port"));
                assert_eq!(port_finding.verdict, Verdict::Bad, "{host} {port_finding}");
                let said = format!("cannot listen on {transport} port {port} for media: Address already in use");
                assert!(port_finding.text.starts_with(&said), "{port_finding}");
                assert!(port_finding.text.ends_with(&format!("MEDIA_{transport}_PORT sets another port")));
            }
            let findings = examined(&settings, true).await;
            assert_eq!(finding(&findings, "media UDP port").verdict, Verdict::Good);
            assert_eq!(finding(&findings, "media TCP port").verdict, Verdict::Good);
        }
    }

    #[tokio::test]
    async fn an_http_port_that_another_program_has_on_either_family_is_said() {
        for host in LOOPBACKS {
            let other = TcpListener::bind((host, 0)).unwrap();
            let port = other.local_addr().unwrap().port();
            // Whoever has the port hangs up on everyone.
            std::thread::spawn(move || other.incoming().for_each(drop));
            let findings = examined(&[("HTTP_PORT", port.to_string())], false).await;
            let http = finding(&findings, "HTTP port");
            assert_eq!(http.verdict, Verdict::Bad, "{host} {http}");
            assert!(http.text.contains("HTTP_PORT sets another port: Address already in use"), "{http}");
        }
    }

    #[tokio::test]
    async fn an_http_port_that_this_program_has_is_fine_only_if_it_is_the_one_meant() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let answer = format!("HTTP/1.1 200 OK\r\n\r\n{{\"name\":\"{SERVICE_NAME}\"}}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                // Reads the request, so that closing does not take the answer back.
                let _ = stream.read(&mut [0; 1024]).await;
            }
        });
        let settings = [("HTTP_PORT", port.to_string())];
        let findings = examined(&settings, true).await;
        assert_eq!(finding(&findings, "HTTP port").text, format!("localhost:{port} is in use by the running program"));
        let findings = examined(&settings, false).await;
        let http = finding(&findings, "HTTP port");
        assert!(http.verdict == Verdict::Bad && http.text.contains("with another DATA_DIR"), "{http}");
    }

    #[tokio::test]
    async fn an_address_that_is_not_this_machines_is_said() {
        let settings = [("HTTP_HOST", "203.0.113.9".to_owned()), ("HTTP_PORT", "1".to_owned())];
        let findings = examined(&settings, false).await;
        assert!(
            finding(&findings, "HTTP port").text.starts_with("HTTP_HOST=203.0.113.9 is no address of this machine")
        );
    }

    #[tokio::test]
    async fn ports_that_are_free_and_addresses_that_few_reach_are_said() {
        let findings = examined(&[("MEDIA_ADVERTISED_IPS", "203.0.113.7,10.0.0.7,fd00::7".to_owned())], false).await;
        assert_eq!(finding(&findings, "HTTP port").verdict, Verdict::Good);
        let verdicts: Vec<_> =
            findings.iter().filter(|it| it.about == "advertised address").map(|it| it.verdict).collect();
        assert_eq!(verdicts, [Verdict::Good, Verdict::Doubtful, Verdict::Doubtful]);
        let any = examined(&[("MEDIA_UDP_PORT", "0".to_owned())], false).await;
        assert_eq!(finding(&any, "media UDP port").verdict, Verdict::Doubtful);
    }
}
