//! Runs the matrix.

use std::{sync::Arc, time::Duration};

use app::{Ctx, Sweep, finish_due_cleanups, sweep};
use domain::{Teleconsultation, TeleconsultationId};
use fault_matrix::{Call, Fault, Plan};
use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    case::{Answer, CASES, Case},
    invariants::check,
    table::Table,
    world::{Deployment, World},
};

/// How long a process waits for an answer that will not come: far longer than one that comes takes, and short enough for a test. One that
/// may have been late all the same would be one more fault, which the machine made and the table does not name. Then, and if the call was
/// not made which shall fail, nothing was tried yet, and all begins anew with the next of these.
const PATIENCE: [Duration; 3] = [Duration::from_millis(400), Duration::from_millis(1_500), Duration::from_secs(5)];

/// How often a process looks whether it was kept waiting for the machine.
const TICK: Duration = Duration::from_millis(20);

/// How long it waits where every answer comes.
pub const LONG: Duration = Duration::from_secs(20);

/// How long a use case may take, whatever happens to its calls: each is tried three times at most, and there are few. A busy machine
/// takes its own time, so this says that the wait has an end, and not how long it is.
const BOUND: Duration = Duration::from_mins(2);

/// How many runs of all tables go on at the same time, of those that keep the machine busy: few, so that what is not late stays so.
static WORKING: Semaphore = Semaphore::const_new(6);

/// And of those that wait for the most part, for an answer that does not come or for the disk.
static WAITING: Semaphore = Semaphore::const_new(24);

/// What passes once the faults have ended, in minutes: a guard's time and the longest pause of a breaker; the last look for a room that
/// came late, and the age at which a room is judged; the day for which an orphan is left alone.
const PASSES_MINS: [i64; 3] = [12, 3 * 60, 25 * 60];

/// A way to fail: its name, how the call fails where it fails alone, and how where all like it fail from then on.
pub type Way = (&'static str, Option<Fault>, Option<Fault>);

/// Lets every call of every use case fail in these ways, and prints the table.
pub async fn matrix(title: &str, deployment: Deployment, ways: &[Way]) {
    // Some ways are ways of HTTP; and on the CRUD Service, a call of the store is several of those.
    let http_ways = ways.iter().any(|(_, _, lasting)| *lasting == Some(Fault::Truncated));
    let over_http_only = http_ways || deployment == Deployment::Crud;
    let mut rows = Vec::new();
    for case in CASES {
        let recorded = Arc::new(record(deployment, case).await);
        for call in recorded.iter().filter(|call| call.over_http || !over_http_only) {
            rows.push((case, Arc::clone(&recorded), call.clone()));
        }
    }
    let cells = rows.iter().flat_map(|(case, recorded, call)| {
        ways.iter().map(move |way| tokio::spawn(cell(deployment, *case, Arc::clone(recorded), call.clone(), *way)))
    });
    let cells: Vec<_> = join_all(cells).await.into_iter().map(Result::unwrap).collect();
    let mut table = Table::new(title, ways.iter().map(|(way, ..)| *way));
    for ((case, _, call), cells) in rows.iter().zip(cells.chunks(ways.len())) {
        table.row(case.name(), &format!("{} #{}", call.operation, call.number), cells.to_vec());
    }
    table.print();
}

/// The calls of a use case that nothing disturbs.
async fn record(deployment: Deployment, case: Case) -> Vec<Call> {
    let world = World::new(deployment).await;
    let id = case.set_up(&world.undisturbed(), &world).await;
    let before = stored(&world, id.as_ref()).await;
    let ctx = world.process(LONG);
    world.calls.begin(None);
    let answer = case.run(&ctx, id.as_ref()).await;
    let calls = world.calls.end();
    let end = settle(&world, &ctx, case, id, before.as_ref(), &answer, case.name()).await;
    assert_eq!((answer.text(), end), ("done", "as asked"), "{}", case.name());
    calls
}

/// One cell: the call fails once, and it fails from then on.
async fn cell(deployment: Deployment, case: Case, recorded: Arc<Vec<Call>>, call: Call, way: Way) -> String {
    let (_, once, lasting) = way;
    let mut texts: Vec<String> = Vec::with_capacity(2);
    // Whoever refuses a connection refuses all, and a process is killed once.
    let is_enough = once == Some(Fault::Refused) && call.over_http;
    for (fault, lasting) in [(once, false), (lasting.filter(|_| !is_enough), true)] {
        let Some(fault) = fault else { continue };
        if !can_fail_so(&call, fault) {
            return NOT_SO.to_owned();
        }
        let lasting = lasting && !matches!(fault, Fault::KilledBefore | Fault::KilledAfter);
        let text = run(deployment, case, &recorded, Plan { call: call.clone(), fault, lasting }).await;
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join(" | ")
}

/// What stands where nothing can fail in this way.
const NOT_SO: &str = "–";

/// Whether there is such a fault. A database has no answer for one who asks too often: it refuses a connection too many, as one that
/// cannot be reached does.
fn can_fail_so(call: &Call, fault: Fault) -> bool {
    let in_database = call.operation.starts_with("store: ") && !call.over_http;
    !(in_database && fault == Fault::TooMany)
}

/// Lets the use case run with this fault, and tells how it was answered and what is left.
async fn run(deployment: Deployment, case: Case, recorded: &[Call], plan: Plan) -> String {
    let waits = matches!(plan.fault, Fault::TimeoutBefore | Fault::TimeoutAfter | Fault::Slow);
    let on_disk = matches!(deployment, Deployment::Sqlite | Deployment::Postgres);
    let places = if waits || on_disk { &WAITING } else { &WORKING };
    let _place = places.acquire().await.unwrap();
    let patience = if waits { &PATIENCE[..] } else { &[LONG] };
    for (index, patience) in patience.iter().enumerate() {
        // A machine that is later still is not waited for.
        let late_is_fine = index + 1 == if waits { PATIENCE.len() } else { 1 };
        if let Some(text) = run_with(*patience, late_is_fine, deployment, case, recorded, &plan).await {
            return text;
        }
    }
    panic!("{}: the call was not made: {plan:?}", case.name())
}

/// `None` if the call was not made, or others may have failed too because they were late.
async fn run_with(
    patience: Duration,
    late_is_fine: bool,
    deployment: Deployment,
    case: Case,
    recorded: &[Call],
    plan: &Plan,
) -> Option<String> {
    let what = format!("{}: {plan:?}", case.name());
    let world = World::new(deployment).await;
    let id = case.set_up(&world.undisturbed(), &world).await;
    let before = stored(&world, id.as_ref()).await;

    let mut ctx = world.process(patience);
    world.calls.begin(Some(plan.clone()));
    if plan.fault == Fault::Refused && plan.call.over_http {
        world.refuse_from(recorded, &plan.call).await;
    }
    let begun = Instant::now();
    let mut work = Box::pin(async {
        tokio::select! {
            biased;
            () = world.calls.killed() => Answer::Killed,
            answer = case.run(&ctx, id.as_ref()) => answer,
        }
    });
    let mut late_by = Duration::ZERO;
    let answer = loop {
        let asleep = Instant::now();
        let done = tokio::select! {
            biased;
            answer = &mut work => Some(answer),
            () = tokio::time::sleep(TICK) => None,
        };
        late_by = late_by.max(asleep.elapsed().saturating_sub(TICK));
        if let Some(answer) = done {
            break answer;
        }
    };
    drop(work);
    assert!(begun.elapsed() < BOUND, "{what}: it took {:?}", begun.elapsed());
    let late = late_by.max(world.calls.slowest()) >= patience / 2;
    if (late && !late_is_fine) || !world.calls.has_struck() {
        return None;
    }
    world.calm().await;

    // One that waits for a short time only would take a busy machine for a fault.
    if answer == Answer::Killed || patience != LONG {
        ctx = world.process(LONG);
    }
    let end = settle(&world, &ctx, case, id, before.as_ref(), &answer, &what).await;
    Some(format!("{} → {end}", answer.text()))
}

async fn stored(world: &World, id: Option<&TeleconsultationId>) -> Option<Teleconsultation> {
    world.teleconsultations().await.remove(id?)
}

/// Lets time pass and the workers work, then checks what is left and says what has become of the teleconsultation.
async fn settle(
    world: &World,
    ctx: &Ctx,
    case: Case,
    id: Option<TeleconsultationId>,
    before: Option<&Teleconsultation>,
    answer: &Answer,
    what: &str,
) -> &'static str {
    // Without faults no answer is late, and those that were late do not count against the provider any more.
    for minutes in PASSES_MINS {
        world.clock.advance(SignedDuration::from_mins(minutes));
        let done = sweep(ctx, &mut Sweep::default()).await;
        assert!(done.is_ok(), "{what}: {done:?}");
        while finish_due_cleanups(ctx).await.unwrap().finished > 0 {}
    }
    let stored = check(world, ctx, what).await;
    if let (Case::ScheduleComplete | Case::ScheduleIncomplete, Answer::Done(scheduled)) = (case, answer) {
        assert!(
            scheduled.as_ref().is_some_and(|id| stored.contains_key(id)),
            "{what}: it was answered and is not there"
        );
    }
    let after = match id {
        Some(id) => stored.get(&id),
        // What was scheduled under an id that nobody was told is there too.
        None => stored.values().next(),
    };
    assert!(stored.len() <= 1, "{what}: it was scheduled twice");
    let Some(after) = after else {
        assert!(before.is_none(), "{what}: it is gone");
        assert!(!matches!(answer, Answer::Done(_)), "{what}: it was answered and is not there");
        return "as before";
    };
    if case.is_done(before, after) {
        return "as asked";
    }
    assert_eq!(before, Some(after), "{what}: it is neither as before nor as asked");
    assert!(!matches!(answer, Answer::Done(_)), "{what}: it was answered with success and is as before");
    "as before"
}
