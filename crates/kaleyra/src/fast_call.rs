//! The fast call, deprecated and in v1 only (contract §7.13).

use crate::{AccessLink, Client, Error, Recording, UserId, answer::Object, operation as op};

impl Client {
    /// Makes a call and returns the caller's link to it; each of the others needs the mirrored call (contract §7.13). Though a `GET`,
    /// it is not repeated after a failure that may have taken effect. v1 only.
    pub async fn fast_call(
        &self,
        caller: &UserId,
        callees: &[UserId],
        recording: &Recording,
    ) -> Result<AccessLink, Error> {
        let callees: Vec<&str> = callees.iter().map(UserId::as_str).collect();
        let record = if *recording == Recording::None { "0" } else { "1" };
        self.call(op::FAST_CALL, &[caller.as_str()])?
            .query("callee", &callees.join(","))
            .query("record", record)
            .read(|answer| Object::of(answer, "answer")?.id(&["url"]))
            .await
    }
}
