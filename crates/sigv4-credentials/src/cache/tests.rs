use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn credentials(name: &str, end: SystemTime) -> Credentials {
    Credentials::new(name, "secret").with_session_token("token").with_expiry(end)
}

fn loaded(credentials: Credentials) -> Loaded {
    Loaded { credentials, origin: Origin::of(Source::Given), files: None }
}

fn load(cache: &mut Cache, credentials: Credentials, now: SystemTime) -> Credentials {
    cache.loaded(Ok(loaded(credentials)), now).fresh.unwrap()
}

fn fail(cache: &mut Cache, now: SystemTime) -> Result<Credentials, CredentialsError> {
    cache.loaded(Err(CredentialsError::new("source is down")), now).usable
}

/// A cache that holds an hour's credentials, loaded at `start()`.
fn filled() -> Cache {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    load(&mut cache, credentials("first", start() + HOUR), start());
    cache
}

fn served(cache: &mut Cache, now: SystemTime) -> String {
    match cache.decide(now) {
        Decision::Serve(credentials) => credentials.access_key_id().to_owned(),
        other => panic!("not served: {other:?}"),
    }
}

#[test]
fn first_call_loads_and_every_other_waits_for_that_load() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    for _ in 0..1000 {
        assert!(matches!(cache.decide(start()), Decision::Wait));
    }
}

#[test]
fn fresh_credentials_are_served_without_a_load() {
    let mut cache = filled();
    assert_eq!(served(&mut cache, start()), "first");
    assert_eq!(served(&mut cache, start() + HOUR - 16 * MINUTE), "first");
}

#[test]
fn advisory_window_starts_one_load_behind_while_the_old_ones_serve() {
    let mut cache = filled();
    let now = start() + HOUR - 14 * MINUTE;
    assert!(matches!(cache.decide(now), Decision::ServeAndLoad(_)));
    for _ in 0..1000 {
        assert_eq!(served(&mut cache, now), "first");
    }
    load(&mut cache, credentials("second", now + HOUR), now);
    assert_eq!(served(&mut cache, now), "second");
}

#[test]
fn source_that_gives_the_same_ones_again_is_asked_once_an_interval() {
    let mut cache = filled();
    // Credentials loaded late have narrower windows: half of 14 min, a quarter of it.
    let now = start() + HOUR - 14 * MINUTE;
    assert!(matches!(cache.decide(now), Decision::ServeAndLoad(_)));
    load(&mut cache, credentials("first", start() + HOUR), now);
    assert_eq!(served(&mut cache, now + 6 * MINUTE), "first");
    let later = now + 7 * MINUTE;
    assert!(matches!(cache.decide(later), Decision::ServeAndLoad(_)));
    load(&mut cache, credentials("first", start() + HOUR), later);
    assert_eq!(served(&mut cache, later), "first");
    assert_eq!(served(&mut cache, later + MINUTE / 2), "first");
}

#[test]
fn mandatory_window_waits_for_the_load() {
    let mut cache = filled();
    let now = start() + HOUR - 4 * MINUTE;
    assert!(matches!(cache.decide(now), Decision::LoadAndWait));
    assert!(matches!(cache.decide(now), Decision::Wait));
}

#[test]
fn call_in_the_mandatory_window_waits_for_the_load_that_the_advisory_window_began() {
    let mut cache = filled();
    let advisory = start() + HOUR - 14 * MINUTE;
    assert!(matches!(cache.decide(advisory), Decision::ServeAndLoad(_)));
    let mandatory = start() + HOUR - 4 * MINUTE;
    assert!(matches!(cache.decide(mandatory), Decision::Wait));
}

#[test]
fn failed_refresh_serves_the_old_ones_until_their_end_and_no_longer() {
    let mut cache = filled();
    let now = start() + HOUR - 4 * MINUTE;
    assert!(matches!(cache.decide(now), Decision::LoadAndWait));
    assert_eq!(fail(&mut cache, now).unwrap().access_key_id(), "first");
    assert_eq!(served(&mut cache, now + MINUTE / 120), "first");
    let last = start() + HOUR - Duration::from_nanos(1);
    assert!(matches!(cache.decide(last), Decision::LoadAndWait));
    assert!(fail(&mut cache, start() + HOUR).is_err());
    assert!(matches!(cache.decide(start() + HOUR), Decision::Fail(_)));
}

#[test]
fn pauses_between_failed_refreshes_double_up_to_the_longest() {
    let mut cache = filled();
    let mut now = start() + HOUR - 14 * MINUTE;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        assert!(matches!(cache.decide(now), Decision::ServeAndLoad(_)));
        fail(&mut cache, now).unwrap();
        let failed = now;
        while matches!(cache.decide(now), Decision::Serve(_)) {
            now += Duration::from_secs(1);
        }
        cache.load = Load::Idle; // the loop's last call started a load
        pauses.push(now.duration_since(failed).unwrap().as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
}

#[test]
fn failed_load_is_remembered_briefly_and_then_tried_again() {
    let mut cache = Cache::new(RefreshPolicy::default());
    let mut now = start();
    for remembered in [1, 2, 4, 5, 5] {
        assert!(matches!(cache.decide(now), Decision::LoadAndWait));
        assert!(fail(&mut cache, now).is_err());
        now += Duration::from_secs(remembered);
        let just_before = now - Duration::from_nanos(1);
        assert!(matches!(cache.decide(just_before), Decision::Fail(_)));
    }
    assert!(matches!(cache.decide(now), Decision::LoadAndWait));
    load(&mut cache, credentials("mended", now + HOUR), now);
    assert_eq!(served(&mut cache, now), "mended");
    assert_eq!(cache.failures(), 0);
}

#[test]
fn frozen_for_hours_wakes_to_a_waiting_refresh_not_to_expired_credentials() {
    let mut cache = filled();
    let woken = start() + 5 * HOUR;
    assert!(matches!(cache.decide(woken), Decision::LoadAndWait));
    assert!(fail(&mut cache, woken).is_err());
}

#[test]
fn rejection_forces_one_refresh_for_all_who_saw_it() {
    let mut cache = filled();
    let now = start() + MINUTE / 60; // well within the minimum interval
    for _ in 0..100 {
        cache.rejected(&credentials("first", start() + HOUR));
    }
    assert!(matches!(cache.decide(now), Decision::LoadAndWait));
    assert!(matches!(cache.decide(now), Decision::Wait));
    cache.rejected(&credentials("first", start() + HOUR));
    load(&mut cache, credentials("second", now + HOUR), now);
    assert_eq!(served(&mut cache, now), "second");
    cache.rejected(&credentials("first", start() + HOUR));
    assert_eq!(served(&mut cache, now), "second");
}

#[test]
fn rejecting_what_the_source_gives_again_loads_once_an_interval() {
    let mut cache = filled();
    let first = credentials("first", start() + HOUR);
    cache.rejected(&first);
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    load(&mut cache, first.clone(), start());
    cache.rejected(&first);
    assert_eq!(served(&mut cache, start()), "first");
    cache.rejected(&first);
    assert!(matches!(cache.decide(start() + MINUTE), Decision::LoadAndWait));
}

#[test]
fn rejected_ones_serve_on_where_the_forced_refresh_fails() {
    let mut cache = filled();
    let first = credentials("first", start() + HOUR);
    cache.rejected(&first);
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    assert_eq!(fail(&mut cache, start()).unwrap(), first);
    cache.rejected(&first); // does not shorten the pause
    assert_eq!(served(&mut cache, start()), "first");
    let later = start() + Duration::from_secs(1);
    assert!(matches!(cache.decide(later), Decision::LoadAndWait));
}

#[test]
fn credentials_that_come_expired_are_a_failure_that_names_the_end() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    let past = Ok(loaded(credentials("old", start())));
    let error = cache.loaded(past, start()).fresh.unwrap_err().to_string();
    assert!(error.contains("already expired"), "{error}");
    assert!(error.contains("20270115T080000Z"), "{error}");
    assert!(cache.held().is_none());
}

#[test]
fn long_term_credentials_are_loaded_once() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    load(&mut cache, Credentials::new("static", "secret"), start());
    assert_eq!(served(&mut cache, start() + 10_000 * HOUR), "static");
    assert_eq!(cache.held().unwrap().refresh_at, None);
}

#[test]
fn short_lives_have_windows_in_proportion() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    let end = start() + 4 * MINUTE;
    load(&mut cache, credentials("short", end), start());
    assert_eq!(served(&mut cache, start() + 2 * MINUTE - MINUTE / 60), "short");
    let advisory = start() + 2 * MINUTE;
    assert!(matches!(cache.decide(advisory), Decision::ServeAndLoad(_)));
    assert_eq!(cache.held().unwrap().refresh_at, Some(advisory));
}

#[test]
fn clock_set_back_does_not_prolong_a_pause() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    assert!(fail(&mut cache, start()).is_err());
    assert!(matches!(cache.decide(start() - HOUR), Decision::LoadAndWait));
}

#[test]
fn same_credentials_loaded_again_keep_their_derived_keys() {
    let mut cache = filled();
    let now = start() + HOUR - 14 * MINUTE;
    let Decision::ServeAndLoad(before) = cache.decide(now) else {
        panic!("no refresh");
    };
    let after = load(&mut cache, credentials("first", start() + HOUR), now);
    // Clones share one allocation, so the text is at one address.
    assert!(core::ptr::eq(before.access_key_id(), after.access_key_id()));
}

#[test]
fn others_at_each_load_that_are_all_refused_make_one_load_an_interval() {
    let mut cache = filled();
    let mut now = start();
    let mut loads = 0;
    // A request every second for ten minutes, each of them refused.
    for second in 0..600 {
        now = start() + Duration::from_secs(second);
        if matches!(cache.decide(now), Decision::LoadAndWait) {
            loads += 1;
            load(&mut cache, credentials(&format!("other{loads}"), now + HOUR), now);
        }
        let held = cache.held().unwrap().access_key_id;
        cache.rejected(&credentials(&held, now + HOUR));
    }
    assert_eq!(loads, 10, "{now:?}");
}

#[test]
fn refusal_within_the_interval_is_not_forgotten() {
    let mut cache = filled();
    cache.rejected(&credentials("first", start() + HOUR));
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    load(&mut cache, credentials("second", start() + HOUR), start());
    cache.rejected(&credentials("second", start() + HOUR));
    assert_eq!(served(&mut cache, start() + MINUTE / 2), "second");
    assert!(matches!(cache.decide(start() + MINUTE), Decision::LoadAndWait));
}

#[test]
fn life_of_one_minute_is_refreshed_ahead() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    load(&mut cache, credentials("short", start() + MINUTE), start());
    assert_eq!(served(&mut cache, start() + MINUTE / 3), "short");
    let half = start() + MINUTE / 2;
    assert!(matches!(cache.decide(half), Decision::ServeAndLoad(_)));
    // Unchanged credentials: loaded once per quarter of their one-minute lifetime.
    load(&mut cache, credentials("short", start() + MINUTE), half);
    assert_eq!(served(&mut cache, half + Duration::from_secs(14)), "short");
    assert!(matches!(
        cache.decide(half + MINUTE / 4),
        Decision::ServeAndLoad(_) | Decision::LoadAndWait
    ));
}

fn of_files(id: &str) -> Loaded {
    let files = crate::profile::Paths::default().fingerprint();
    Loaded { files: Some(files), ..loaded(Credentials::new(id, "secret")) }
}

#[test]
fn files_are_looked_at_once_an_interval_and_a_change_starts_one_load() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    cache.loaded(Ok(of_files("first")), start()).fresh.unwrap();
    assert_eq!(served(&mut cache, start() + MINUTE / 2), "first");
    let now = start() + MINUTE;
    assert!(matches!(cache.decide(now), Decision::ServeAndLook(..)));
    assert_eq!(served(&mut cache, now), "first");
    assert!(cache.files_changed());
    assert!(!cache.files_changed(), "one runs already");
    assert_eq!(served(&mut cache, now), "first");
    cache.loaded(Ok(of_files("second")), now).fresh.unwrap();
    assert_eq!(served(&mut cache, now), "second");
}

#[test]
fn credentials_without_files_are_never_looked_at() {
    let mut cache = Cache::new(RefreshPolicy::default());
    assert!(matches!(cache.decide(start()), Decision::LoadAndWait));
    load(&mut cache, Credentials::new("environment", "secret"), start());
    assert_eq!(served(&mut cache, start() + HOUR), "environment");
}

#[test]
fn refresh_loads_whatever_is_held_and_tells_its_own_end() {
    let mut cache = filled();
    assert!(matches!(cache.refresh(), Decision::LoadAndWait));
    assert!(matches!(cache.refresh(), Decision::Wait));
    let down = cache.loaded(Err(CredentialsError::new("source is down")), start());
    assert_eq!(down.usable.unwrap().access_key_id(), "first");
    assert!(down.fresh.is_err());
}

#[test]
fn last_failure_tells_when_the_next_is_tried_and_goes_with_a_success() {
    let mut cache = filled();
    let now = start() + HOUR - 14 * MINUTE;
    assert!(matches!(cache.decide(now), Decision::ServeAndLoad(_)));
    fail(&mut cache, now).unwrap();
    let failure = cache.held().unwrap().last_failure.unwrap();
    assert_eq!((failure.at, failure.next_try), (now, now + MINUTE / 60));
    assert!(matches!(cache.decide(failure.next_try), Decision::ServeAndLoad(_)));
    load(&mut cache, credentials("second", now + HOUR), failure.next_try);
    assert!(cache.held().unwrap().last_failure.is_none());
}
