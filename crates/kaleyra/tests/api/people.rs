//! Users and their access tokens (contract §6.1, §7.2, §9).

use kaleyra_video::{NewUser, PageRequest, Role, UserId, UserUpdate};

use crate::service::{form, image, operation};

const USER: &str = r#"{"id":"u1","role":"plus","allow_camera":true,"language":"en","active":true,"avatar_url":null,
    "creation_date":"2020-05-08T15:14:16.000Z"}"#;

fn user() -> UserId {
    "u1".into()
}

operation!(
    list_users,
    "v2",
    "GET /v2/users?offset=20&limit=10",
    "",
    &format!(r#"{{"users":[{USER}],"offset":20,"limit":10,"count":1,"has_more":true}}"#),
    |client| client.users(PageRequest::new(20, 10)),
    |page| {
        assert_eq!((page.offset, page.has_more), (20, true));
        assert_eq!(page.items[0].id, user());
        assert_eq!(page.next(PageRequest::new(20, 10)), Some(PageRequest::new(21, 10)));
    }
);

operation!(
    list_users_v1,
    "rest",
    "GET /rest/user/list",
    "",
    r#"{"user_id_list":["u1","u2"]}"#,
    |client| client.users(PageRequest::FIRST),
    |page| {
        let ids: Vec<&str> = page.items.iter().map(|user| user.id.as_str()).collect();
        assert_eq!(ids, ["u1", "u2"]);
        assert_eq!(page.next(PageRequest::FIRST), None);
    }
);

operation!(
    create_user,
    "v2",
    "POST /v2/users",
    r#"{"role":"plus","language":"en"}"#,
    USER,
    |client| client.create_user(&NewUser {
        id: None,
        role: Role::Plus,
        allow_camera: None,
        language: Some("en".into())
    }),
    |created| {
        assert_eq!(created.id, user());
        assert_eq!(created.role, Some(Role::Plus));
        assert_eq!(created.allow_camera, Some(true));
        assert_eq!(created.active, Some(true));
        assert_eq!(created.creation_date, Some("2020-05-08T15:14:16Z".parse().unwrap()));
    }
);

operation!(
    create_user_v1,
    "rest",
    "POST /rest/user/create",
    r#"{"id":"u1","role":"basic","can_video":false}"#,
    r#"{"user":{"id":"u1","role":"basic","can_video":false,"firstName":null},"id":"u1"}"#,
    |client| client.create_user(&NewUser { allow_camera: Some(false), ..NewUser::new(user(), Role::Basic) }),
    |created| assert_eq!((created.id, created.allow_camera), (user(), Some(false)))
);

operation!(get_user, "v2", "GET /v2/users/u1", "", USER, |client| client.user(&user()), |found| {
    assert_eq!(found.language, Some("en".into()));
});

operation!(
    get_user_v1,
    "rest",
    "GET /rest/user/list/u1",
    "",
    r#"{"user":{"id":"u1","role":"auditor","can_video":"1"}}"#,
    |client| client.user(&user()),
    |found| {
        assert_eq!(found.role, Some(Role::Other("auditor".to_owned())));
        assert_eq!(found.allow_camera, Some(true));
    }
);

operation!(
    an_id_is_one_segment_of_the_path,
    "v2",
    "GET /v2/users/a%2Fb%3Fc",
    "",
    USER,
    |client| client.user(&"a/b?c".into()),
    |found| assert_eq!(found.id, user())
);

fn update() -> UserUpdate {
    UserUpdate { role: Some(Role::Plus), allow_camera: Some(true), language: None, active: Some(false) }
}

operation!(
    update_user,
    "v2",
    "PUT /v2/users/u1",
    r#"{"role":"plus","allow_camera":true,"active":false}"#,
    USER,
    |client| client.update_user(&user(), &update()),
    |updated| assert_eq!(updated.unwrap().id, user())
);

operation!(
    update_user_v1,
    "rest",
    "PUT /rest/user/update/u1",
    r#"{"role":"plus","can_video":true,"active":false}"#,
    "",
    |client| client.update_user(&user(), &update()),
    |updated| assert_eq!(updated, None)
);

operation!(delete_user, "v2", "DELETE /v2/users/u1", "", "", |client| client.delete_user(&user()));

operation!(
    delete_user_v1,
    "rest",
    "DELETE /rest/user/delete/u1",
    "",
    r#"{"id":"u1","message":"user deleted"}"#,
    |client| client.delete_user(&user())
);

operation!(
    update_avatar,
    "v2",
    "PUT /v2/users/u1/avatar",
    &form("avatar", &image(), &[]),
    "",
    |client| client.update_avatar(&user(), image()),
    |url| assert_eq!(url, None)
);

operation!(
    update_avatar_v1,
    "rest",
    "PUT /rest/user/avatar/update/u1",
    &form("avatar", &image(), &[]),
    r#"{"avatar_url":"https://h/a.png"}"#,
    |client| client.update_avatar(&user(), image()),
    |url| assert_eq!(url, Some("https://h/a.png".into()))
);

operation!(delete_avatar, "v2", "DELETE /v2/users/u1/avatar", "", "", |client| client.delete_avatar(&user()));

operation!(
    update_all_permissions_v1,
    "rest",
    "PUT /rest/user/update/all/permissions",
    r#"{"can_video":true}"#,
    r#"{"users":{"count":7,"can_video":1}}"#,
    |client| client.update_all_permissions(true),
    |count| assert_eq!(count, 7)
);

const CREDENTIALS: &str = r#"{"access_token":"eyJh.e30.c2ln","expires_at":"2022-01-10T11:41:19.000Z","user_id":"u1"}"#;

operation!(
    create_access_token,
    "v2",
    "POST /v2/sdk/credentials",
    r#"{"user_id":"u1","expires_in":3600}"#,
    CREDENTIALS,
    |client| client.create_access_token(&user(), 3600),
    |credentials| {
        assert_eq!(credentials.access_token.as_str(), "eyJh.e30.c2ln");
        assert_eq!(credentials.expires_at, Some("2022-01-10T11:41:19Z".parse().unwrap()));
        assert_eq!(credentials.user_id, Some(user()));
        assert!(!format!("{credentials:?}").contains("eyJh"));
    }
);

operation!(
    create_access_token_v1,
    "rest",
    "POST /rest/sdk/credentials",
    r#"{"user_id":"u1","expires_in":360}"#,
    CREDENTIALS,
    |client| client.create_access_token(&user(), 360),
    |credentials| assert_eq!(credentials.user_id, Some(user()))
);
