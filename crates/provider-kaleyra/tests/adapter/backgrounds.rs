//! The company's backgrounds.

use ports::provider::{AddBackgroundError, BackgroundImage, VideoProvider as _};

use crate::kaleyra::{Fault, start};

fn image() -> BackgroundImage {
    BackgroundImage::new(b"\xff\xd8\xff\xe0 an image".to_vec()).unwrap()
}

#[tokio::test]
async fn a_background_is_added_and_made_the_default() {
    for path in ["v2", "rest"] {
        let (provider, kaleyra) = start(path).await;
        let first = provider.add_background(image()).await.unwrap();
        let second = provider.add_background(image()).await.unwrap();
        assert_ne!(first.alias, second.alias);
        assert_eq!(second.created, Some("2020-12-23T15:14:16Z".parse().unwrap()), "{path}");
        kaleyra.seen();
        let company = provider.set_default_background(&second.alias).await.unwrap().unwrap();
        assert_eq!(company.default_background, Some(second.clone()), "{path}");
        assert_eq!((company.name.as_deref(), company.end_call_redirect_timeout_ms), (Some("Clinic"), Some(5000)));
        assert_eq!(provider.set_default_background("0").await.unwrap(), None, "{path}");
    }
}

#[tokio::test]
async fn a_default_that_is_told_as_a_text_is_looked_up() {
    let (provider, kaleyra) = start("v2").await;
    let added = provider.add_background(image()).await.unwrap();
    kaleyra.tell_default_background_as_text();
    kaleyra.seen();
    let company = provider.set_default_background(&added.alias).await.unwrap().unwrap();
    assert_eq!(company.default_background, Some(added));
    assert_eq!(kaleyra.seen(), ["PUT company", "LIST backgrounds"]);
}

#[tokio::test]
async fn why_a_background_was_not_added_is_told_apart() {
    let (provider, kaleyra) = start("v2").await;
    for _ in 0..10 {
        provider.add_background(image()).await.unwrap();
    }
    assert!(matches!(provider.add_background(image()).await, Err(AddBackgroundError::Full)));
    let (provider, other) = start("v2").await;
    let png = BackgroundImage::new(b"\x89PNG\r\n\x1a\n".to_vec()).unwrap();
    assert!(matches!(provider.add_background(png).await, Err(AddBackgroundError::Unfit)), "Kaleyra takes JPEG only");
    other.fail("POST background", Fault::Before(500));
    assert!(matches!(provider.add_background(image()).await, Err(AddBackgroundError::Provider(_))));
    assert_eq!(kaleyra.seen().len(), 11);
}
