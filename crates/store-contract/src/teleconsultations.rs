//! The promises of `TeleconsultationStore`: one function each, over a store in which there is nothing yet.
//!
//! [`crate::teleconsultation_store_promises`] makes a test of each. Those about concurrency ask for everything at once from one
//! task, so a store gets all requests before it has answered the first.
//!
//! What a store says that it cannot promise (`Abilities`) is not asked of it, and nothing else is left out.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

pub mod arbitrary;
mod cleanups;
mod listing;
mod records;
mod reserving;
mod sample;
mod users;

pub use cleanups::*;
pub use listing::*;
pub use records::*;
pub use reserving::Reserving;
pub use users::*;

/// Makes a test of each promise.
///
/// Takes an expression that gives a fresh store, or a future's `.await` that does, together with whatever must live as long as
/// it: `teleconsultation_store_promises!((FakeTeleconsultationStore::new(), ()));`. The tests' crate needs `tokio`.
#[macro_export]
macro_rules! teleconsultation_store_promises {
    ($store_and_guard:expr) => {
        $crate::teleconsultation_store_promises! { @tests $store_and_guard;
            everything_of_a_teleconsultation_reads_back_equal
            an_unknown_id_is_an_answer_and_no_error
            inserting_an_id_twice_conflicts_and_keeps_the_first
            replacing_gives_the_version_that_is_read_next
            replacing_at_an_old_version_conflicts_and_changes_nothing
            replacing_what_does_not_exist_conflicts_and_makes_nothing
            replacing_one_leaves_the_others_alone
            one_is_found_by_its_room_as_long_as_it_has_it
            a_trashed_one_is_seen_only_by_those_who_ask_for_it
            of_concurrent_inserts_of_one_id_exactly_one_wins
            of_concurrent_replaces_of_one_version_exactly_one_wins
            concurrent_changes_that_retry_all_take_effect
            many_inserts_at_once_are_all_kept
            a_healthy_store_says_so
            cleanups_are_recorded_and_settled_in_the_write_of_an_insert
            cleanups_are_recorded_and_settled_in_the_write_of_a_replace
            a_room_that_is_kept_is_not_cleaned_up
            a_room_whose_cleanup_has_begun_or_is_over_cannot_be_kept
            of_keeping_a_room_and_beginning_to_delete_it_the_first_wins
            a_cleanup_is_begun_by_one_only
            a_cleanup_recorded_again_is_replaced
            settling_what_does_not_exist_is_no_error
            changes_of_cleanups_happen_in_their_order
            deferred_changes_are_made_by_themselves_or_with_the_insert_that_is_given_them
            an_insert_that_conflicts_does_not_undo_what_was_answered
            everything_of_a_cleanup_reads_back_equal
            only_due_cleanups_are_given_the_longest_overdue_first
            no_more_cleanups_are_given_than_asked_for
            the_keys_of_all_cleanups_are_told
            what_is_still_to_be_done_is_counted
            provider_users_are_given_for_those_who_have_one
            the_first_user_remembered_for_somebody_stays
            ids_that_only_look_alike_are_different_people
            of_concurrent_memories_of_one_person_all_give_the_same_user
            no_ids_and_no_changes_are_fine
            those_that_begin_in_a_span_are_listed_in_their_order
            pages_of_a_list_give_each_exactly_once
            no_page_is_longer_than_every_store_can_give
            what_is_moved_is_listed_where_it_is_and_what_is_trashed_is_not
            lists_go_by_the_millisecond
        }
    };
    (@tests $store_and_guard:expr; $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let (store, _guard) = $store_and_guard;
                let store = $crate::teleconsultations::Reserving::new(store);
                $crate::teleconsultations::$promise(&store).await;
            }
        )*
    };
}
