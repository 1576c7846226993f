//! Adding one person to a teleconsultation (contract §6.3).

use domain::{Teleconsultation, TeleconsultationId};

use crate::{ChangeError, Ctx, Person, recognize::recognized_person, revise::revise};

/// Adds a person, or replaces what is known of somebody who is listed already. With the last person comes the room.
pub async fn add_participant(ctx: &Ctx, id: &TeleconsultationId, person: &Person) -> Result<(), ChangeError> {
    let person = &*recognized_person(ctx, person).await?;
    revise(ctx, id, std::slice::from_ref(person), |current, users| {
        let roster = current.roster.clone().with(users.participant(person)?)?;
        Ok(Teleconsultation { roster, ..current.clone() })
    })
    .await
}
