//! Use cases that leave teleconsultations as they are: they show something, or change something else at the provider.

use std::{sync::Arc, time::Duration};

use app::{
    Claim, CompanyEditor, CredentialsCaller, CredentialsError, Ctx, DeleteUploadsError, Policy, ReadTranscriptionError,
    add_background, credentials, delete_uploads, set_default_background, transcription,
};
use domain::{GroupName, ParticipantId, TeleconsultationId};
use ports::provider::{AddBackgroundError, BackgroundImage, Recording, SessionRef, TranscriptionFormat};

use crate::{
    case::{provider_kind, store_kind},
    world::SESSION,
};

/// What came of it; else, of what kind the failure is.
type Outcome = Result<(), &'static str>;

fn with_policy(ctx: &Ctx, policy: Policy) -> Ctx {
    Ctx { policy: Arc::new(policy), ..ctx.clone() }
}

/// Deletes the files that were shared.
pub async fn delete_files(ctx: &Ctx, id: &TeleconsultationId) -> Outcome {
    let ctx = with_policy(ctx, Policy { delete_uploads: true, ..(*ctx.policy).clone() });
    match delete_uploads(&ctx, &Claim::Nobody, id).await {
        // Those that stayed are counted in the answer, and deleted when it is asked again (contract §6.6).
        Ok(Some(files)) if files.deleted < files.total => Err("some stay"),
        Ok(_) => Ok(()),
        Err(DeleteUploadsError::NotFound | DeleteUploadsError::NotParticipant) => Err("not found"),
        Err(DeleteUploadsError::Store(error)) => Err(store_kind(&error)),
        Err(DeleteUploadsError::Provider(error)) => Err(provider_kind(&error)),
    }
}

/// Makes an access token for somebody new.
pub async fn make_credentials(ctx: &Ctx) -> Outcome {
    let id = ParticipantId::parse("relative").unwrap();
    let caller = CredentialsCaller { id, groups: vec![GroupName::parse("patient").unwrap()] };
    match credentials(ctx, Some(&caller), Duration::from_mins(10)).await {
        Ok(_) => Ok(()),
        Err(CredentialsError::Unauthorized | CredentialsError::Directory(_)) => Err("refused"),
        Err(CredentialsError::Provider(error)) => Err(provider_kind(&error)),
        Err(CredentialsError::Store(error)) => Err(store_kind(&error)),
    }
}

/// Shows what was said in the room, which is named as the provider names it.
pub async fn read_what_was_said(ctx: &Ctx, id: &TeleconsultationId) -> Outcome {
    let ctx = with_policy(ctx, Policy { recording: Recording::Automatic, ..(*ctx.policy).clone() });
    let found = ctx.store.teleconsultation(id).await.map_err(|error| store_kind(&error))?;
    let room = found.and_then(|(found, _)| Some(found.room()?.room.clone())).ok_or("not found")?;
    let session = SessionRef::new(SESSION);
    match transcription(&ctx, &Claim::Nobody, room.as_str(), &session, TranscriptionFormat::Text).await {
        // Where nothing is recorded there is nothing, and that is said.
        Ok(_) | Err(ReadTranscriptionError::NotThere) => Ok(()),
        Err(ReadTranscriptionError::Off | ReadTranscriptionError::NotParticipant) => Err("refused"),
        Err(ReadTranscriptionError::UnknownRoom) => Err("not found"),
        Err(ReadTranscriptionError::TooLong) => Err("too long"),
        Err(ReadTranscriptionError::Store(error)) => Err(store_kind(&error)),
        Err(ReadTranscriptionError::Provider(error)) => Err(provider_kind(&error)),
    }
}

/// Adds a background and makes it the default one.
pub async fn choose_a_background(ctx: &Ctx) -> Outcome {
    let editor = CompanyEditor::of(Some(&ParticipantId::parse("doctor").unwrap())).unwrap();
    let image = BackgroundImage::new(b"\xff\xd8\xff\xe0 and so on".to_vec()).unwrap();
    let added = add_background(ctx, &editor, image).await.map_err(|error| match error {
        AddBackgroundError::Full | AddBackgroundError::Unfit => "refused",
        AddBackgroundError::Provider(error) => provider_kind(&error),
    })?;
    let company = set_default_background(ctx, &editor, &added.alias).await;
    company.map_err(|error| provider_kind(&error))?.map(drop).ok_or("not found")
}

/// What probes and figures ask.
pub async fn look_after(ctx: &Ctx) -> Outcome {
    ctx.store.health().await.map_err(|error| store_kind(&error))?;
    ctx.store.cleanups_waiting().await.map_err(|error| store_kind(&error))?;
    ctx.provider.health().await.map_err(|error| provider_kind(&error))
}
