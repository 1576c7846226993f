//! Whose headers travel along.

use app::{delete, finish_due_cleanups, schedule};
use crud_service_fake::Seen;
use ports::Caller;

use crate::world::{ROOMS, World, booking, outbound};

fn header<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn a_callers_headers_travel_with_what_is_theirs_and_not_with_what_is_ours() {
    let world = World::start(&outbound()).await;
    let headers = [("miauserid", "ada"), ("cookie", "sid=1"), ("x-request-id", "r-1")];
    let caller = Caller::new(headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let ctx = world.ctx.on_behalf_of(caller);
    let id = schedule(&ctx, &booking(2, &["doctor 1", "anna"])).await.unwrap();
    ctx.store.teleconsultation(&id).await.unwrap().unwrap();
    delete(&ctx, &id).await.unwrap();

    let seen = world.fake.seen();
    assert!(seen.iter().all(|seen| header(seen, "x-request-id") == Some("r-1")));
    let (theirs, ours): (Vec<_>, Vec<_>) = seen.iter().partition(|seen| header(seen, "miauserid").is_some());
    assert!(theirs.iter().all(|seen| header(seen, "cookie") == Some("sid=1")));
    assert!(ours.iter().all(|seen| header(seen, "cookie").is_none()));
    let id = id.as_str();
    let is_theirs = |seen: &Seen| theirs.contains(&seen);
    for seen in &seen {
        let is_about_cleanups = seen.line.contains("cleanup") || seen.line.ends_with("/schema");
        // A cleanup's key names it, too.
        let is_about_it = seen.line.contains(id) || seen.line.contains("userid-maps/?");
        assert!(!is_about_it || is_about_cleanups || is_theirs(seen), "{}", seen.line);
        assert!(!is_about_cleanups || !is_theirs(seen), "{}", seen.line);
    }
    let document = &world.fake.documents(ROOMS)[0];
    assert_eq!((&document["creatorId"], &document["updaterId"]), (&"ada".into(), &"ada".into()));
    assert_eq!(world.fake.documents(ROOMS).len(), 1);
}

#[tokio::test]
async fn the_worker_asks_in_nobodys_name() {
    let world = World::start(&outbound()).await;
    finish_due_cleanups(&world.ctx).await.unwrap();
    let seen = world.fake.seen();
    assert!(!seen.is_empty());
    for seen in seen {
        assert!(header(&seen, "miauserid").is_none() && header(&seen, "x-request-id").is_none());
    }
}

#[tokio::test]
async fn documents_are_changed_and_deleted_one_at_a_time_by_their_ids() {
    let world = World::start(&outbound()).await;
    let id = schedule(&world.ctx, &booking(2, &["doctor 1", "anna"])).await.unwrap();
    delete(&world.ctx, &id).await.unwrap();
    finish_due_cleanups(&world.ctx).await.unwrap();

    let seen = world.fake.seen();
    let writes = seen.iter().filter_map(|seen| {
        let (method, path) = seen.line.split_once(' ')?;
        ["PATCH", "PUT", "DELETE"].contains(&method).then_some(path)
    });
    let mut count = 0;
    for path in writes {
        let last = path.split('?').next().unwrap().rsplit('/').next().unwrap();
        assert!(last.len() == 24 && last.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
        count += 1;
    }
    assert!(count > 0, "{seen:?}");
    assert!(!seen.iter().any(|seen| seen.line.contains("/bulk") || seen.line.contains("/upsert-one")), "{seen:?}");
}
