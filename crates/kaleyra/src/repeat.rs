//! Trying again: which calls, how often, and after how long (contract §14.5).

use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;

use crate::{
    Client, Effect, Error, Failure, Oddity, Refusal, Retry,
    operation::Verb,
    retry_after::retry_after,
    transport::{Request, Response, Unanswered},
};

impl Client {
    /// Sends a request until it succeeds, cannot succeed, or has been tried often enough. Returns the body of the success.
    pub(crate) async fn repeat(&self, operation: &'static str, verb: Verb, request: &Request) -> Result<Bytes, Error> {
        let retry = &self.inner.settings.retry;
        let mut may_be_done = false;
        let mut attempt = 1;
        loop {
            let outcome = match self.inner.transport.attempt(request).await {
                Ok(response) => Outcome::of(operation, verb, response),
                Err(unanswered) => Outcome::of_unanswered(operation, verb, unanswered),
            };
            let (error, asked) = match outcome {
                Outcome::Done(body) => return Ok(body),
                // An earlier attempt deleted it, and only its answer was lost.
                Outcome::Final(Error::NotFound { .. }) if verb == Verb::Delete && may_be_done => {
                    return Ok(Bytes::new());
                }
                Outcome::Final(error) => return Err(after(error, may_be_done)),
                Outcome::Passing { error, asked } => (error, asked),
            };
            may_be_done |= error.may_have_taken_effect();
            let wait = wait(retry, verb, &error, asked, attempt, self.inner.chance.number());
            match wait {
                Some(wait) if attempt < retry.attempts_max => self.inner.pause.pause(wait).await,
                Some(_) | None => return Err(after(error, may_be_done)),
            }
            attempt += 1;
        }
    }
}

/// What came of one attempt.
enum Outcome {
    Done(Bytes),
    /// Trying again would not help.
    Final(Error),
    /// Trying again may help; the service may have asked to wait.
    Passing {
        error: Error,
        asked: Option<Duration>,
    },
}

impl Outcome {
    fn of(operation: &'static str, verb: Verb, response: Response) -> Outcome {
        let Response { status, headers, body } = response;
        if status.is_success() {
            return Outcome::Done(body);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let retry_after = retry_after(&headers);
            return Outcome::Passing { error: Error::RateLimited { operation, retry_after }, asked: retry_after };
        }
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            let error = unavailable(operation, verb, Failure::Status(status.as_u16()));
            return Outcome::Passing { error, asked: retry_after(&headers) };
        }
        if !status.is_client_error() {
            // Whoever redirects has not done it.
            let source = Oddity::Status(status.as_u16());
            return Outcome::Final(Error::Unexpected { operation, effect: Effect::None, source });
        }
        let refusal = Box::new(Refusal::read(status.as_u16(), &body));
        Outcome::Final(if refusal.is_about_the_key() {
            Error::KeyRefused { operation }
        } else if refusal.is_about_absence() {
            Error::NotFound { operation, refusal }
        } else {
            Error::Refused { operation, refusal }
        })
    }

    fn of_unanswered(operation: &'static str, verb: Verb, unanswered: Unanswered) -> Outcome {
        match unanswered {
            Unanswered::Failure(failure) => {
                Outcome::Passing { error: unavailable(operation, verb, failure), asked: None }
            }
            Unanswered::Oddity(source) => {
                let effect = if verb.only_reads() { Effect::None } else { Effect::Possible };
                Outcome::Final(Error::Unexpected { operation, effect, source })
            }
        }
    }
}

fn unavailable(operation: &'static str, verb: Verb, source: Failure) -> Error {
    let effect = if verb.only_reads() { Effect::None } else { source.effect() };
    Error::Unavailable { operation, effect, source }
}

/// What the last attempt failed with, knowing whether an earlier one may have had an effect.
fn after(mut error: Error, may_be_done: bool) -> Error {
    if let Error::Unavailable { effect, .. } = &mut error
        && may_be_done
    {
        *effect = Effect::Possible;
    }
    error
}

/// Returns how long to wait before the next attempt, or `None` if there must be none.
fn wait(
    retry: &Retry,
    verb: Verb,
    error: &Error,
    asked: Option<Duration>,
    attempt: u32,
    chance: u64,
) -> Option<Duration> {
    let is_rate_limited = matches!(error, Error::RateLimited { .. });
    if !is_rate_limited && error.may_have_taken_effect() && !verb.is_safe_to_repeat() {
        return None;
    }
    let asked = asked.or(is_rate_limited.then_some(retry.rate_limit_wait));
    match asked {
        // At least as long as asked, and not everyone at the same moment.
        Some(asked) if asked <= retry.rate_limit_wait_max => Some(asked + part(retry.wait_first, chance)),
        Some(_) => None,
        None => {
            let doubled = retry.wait_first.saturating_mul(2_u32.saturating_pow(attempt - 1));
            let longest = doubled.min(retry.wait_max);
            Some(longest / 2 + part(longest / 2, chance))
        }
    }
}

/// Returns a part of `whole`, by chance.
fn part(whole: Duration, chance: u64) -> Duration {
    let share = chance >> 32; // of 2^32
    let nanoseconds = (whole.as_nanos().min(u128::from(u64::MAX)) * u128::from(share)) >> 32;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failing(effect: Effect) -> Error {
        Error::Unavailable { operation: "test", effect, source: Failure::Status(503) }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let retry = Retry::default();
        let waits: Vec<u128> = (1..=6)
            .filter_map(|attempt| wait(&retry, Verb::Get, &failing(Effect::None), None, attempt, u64::MAX))
            .map(|wait| wait.as_millis())
            .collect();
        assert_eq!(waits, [249, 499, 999, 1999, 3999, 3999]);
        let shortest = wait(&retry, Verb::Get, &failing(Effect::None), None, 1, 0);
        assert_eq!(shortest, Some(Duration::from_millis(125)));
    }

    #[test]
    fn what_may_be_done_twice_is_not_repeated() {
        let retry = Retry::default();
        assert_eq!(wait(&retry, Verb::Post, &failing(Effect::Possible), None, 1, 0), None);
        assert!(wait(&retry, Verb::Post, &failing(Effect::None), None, 1, 0).is_some());
        assert!(wait(&retry, Verb::Put, &failing(Effect::Possible), None, 1, 0).is_some());
        assert!(wait(&retry, Verb::Delete, &failing(Effect::Possible), None, 1, 0).is_some());
        assert_eq!(wait(&retry, Verb::GetWithEffect, &failing(Effect::Possible), None, 1, 0), None);
    }

    #[test]
    fn a_request_to_wait_is_obeyed_up_to_the_bound() {
        let retry = Retry::default();
        let limited = Error::RateLimited { operation: "test", retry_after: None };
        let seconds = Duration::from_secs;
        assert_eq!(wait(&retry, Verb::Post, &limited, Some(seconds(7)), 1, 0), Some(seconds(7)));
        assert_eq!(wait(&retry, Verb::Post, &limited, None, 1, 0), Some(seconds(60)));
        assert_eq!(wait(&retry, Verb::Post, &limited, Some(seconds(61)), 1, 0), None);
    }

    proptest! {
        #[test]
        fn a_part_is_never_more_than_the_whole(millis in 0_u64..1_000_000, chance: u64) {
            let whole = Duration::from_millis(millis);
            prop_assert!(part(whole, chance) <= whole);
        }
    }
}
