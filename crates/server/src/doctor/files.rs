//! The place for the files that people send.

use platform::Authorities;
use store_files::{ObjectFiles, Place};

use super::{Finding, said};
use crate::{
    config::{Config, ProviderSettings},
    data_dir,
};

const ABOUT: &str = "files";

/// What was found, where this program carries calls.
pub async fn examine(config: &Config) -> Option<Finding> {
    if !matches!(config.provider, ProviderSettings::Embedded) {
        return None;
    }
    Some(match &config.files.place {
        Place::Folder(path) => {
            let place = if path.exists() { path.as_path() } else { data_dir::existing_part(path) };
            match data_dir::usable(place) {
                Ok(()) => Finding::good(ABOUT, format!("{} can be used", path.display())),
                Err(error) => Finding::bad(ABOUT, format!("FILES_URL: {}", said(&error))),
            }
        }
        place @ Place::S3 { bucket, .. } => s3(config, place, bucket).await,
    })
}

/// Looks into the bucket, which changes nothing.
async fn s3(config: &Config, place: &Place, bucket: &str) -> Finding {
    let authorities = match Authorities::read(&config.http.authorities) {
        Ok(authorities) => authorities,
        Err(error) => return Finding::bad(ABOUT, said(&error)),
    };
    let advice = "check FILES_URL, and the variables that begin with AWS_";
    let files = match ObjectFiles::open(place, authorities.pem()) {
        Ok(files) => files,
        Err(error) => return Finding::bad(ABOUT, format!("the bucket {bucket}: {}; {advice}", said(&error))),
    };
    match files.look().await {
        Ok(()) => Finding::good(ABOUT, format!("the bucket {bucket} answers")),
        Err(error) => Finding::bad(ABOUT, format!("the bucket {bucket}: {}; {advice}", said(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    async fn examined(settings: &[(&str, &str)]) -> Option<Finding> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        examine(&Config::load(settings.iter().map(owned)).unwrap()).await
    }

    #[tokio::test]
    async fn a_folder_is_looked_at_and_not_made() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/files");
        let found = examined(&[("FILES_URL", folder.to_str().unwrap())]).await.unwrap();
        assert_eq!(found.verdict, Verdict::Good, "{found}");
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
        std::fs::write(parent.path().join("a"), b"").unwrap();
        let found = examined(&[("FILES_URL", folder.to_str().unwrap())]).await.unwrap();
        assert_eq!(found.verdict, Verdict::Bad, "{found}");
    }

    #[tokio::test]
    async fn where_others_carry_calls_there_are_no_files() {
        let kaleyra = [("BANDYER_BASE_URL", "https://api.example"), ("BANDYER_API_SECRET_KEY", "ak_live_1")];
        assert!(examined(&kaleyra).await.is_none());
    }
}
