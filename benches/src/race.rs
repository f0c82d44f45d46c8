//! Runs a race.

use std::env;
use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// One row of the table: a piece of work, done by this project, by peers, and with hashing alone.
#[derive(Debug)]
pub struct Case {
    /// The row's letter.
    pub row: &'static str,
    /// The work.
    pub title: &'static str,
    /// The contenders. This project is the first.
    pub contenders: Vec<Contender>,
}

/// A bound on the ratio of two times.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// The contender takes at least this many times as long as this project.
    Takes(f64),
    /// This project takes at most this many times as long as the contender.
    Multiple(f64),
}

/// One way to do a case's work.
pub struct Contender {
    /// The contender's name, with its version.
    pub name: &'static str,
    /// The bound that this project sets itself.
    pub target: Option<Target>,
    work: Box<dyn FnMut(u32)>,
}

impl Contender {
    /// Creates a contender. `work` does the whole work once, on its own inputs.
    pub fn new<T>(name: &'static str, mut work: impl FnMut() -> T + 'static) -> Self {
        let repeat = move |times| {
            for _ in 0..times {
                black_box(work());
            }
        };
        Self { name, target: None, work: Box::new(repeat) }
    }

    /// Sets a target: this contender is to take at least `times` as long as this project.
    #[must_use]
    pub fn with_target(self, times: f64) -> Self {
        Self { target: Some(Target::Takes(times)), ..self }
    }

    /// Sets a target: this project is to take at most `times` as long as this contender.
    #[must_use]
    pub fn with_multiple(self, times: f64) -> Self {
        Self { target: Some(Target::Multiple(times)), ..self }
    }

    /// Does the work `times` times.
    pub fn repeat(&mut self, times: u32) {
        (self.work)(times);
    }

    fn time(&mut self, times: u32) -> f64 {
        let start = ThreadTime::now();
        self.repeat(times);
        start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
    }
}

impl fmt::Debug for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How long a race takes.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How many turns each contender has.
    pub rounds: usize,
    /// How long a turn takes, approximately.
    pub turn: Duration,
}

impl Effort {
    /// Returns the short effort if `--quick` is an argument, to show that everything runs;
    /// otherwise the long one.
    pub fn from_arguments() -> Self {
        if env::args().any(|argument| argument == "--quick") {
            Self { rounds: 5, turn: Duration::from_micros(200) }
        } else {
            Self { rounds: 301, turn: Duration::from_millis(1) }
        }
    }
}

/// The result of a contender.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The contender's name.
    pub name: &'static str,
    /// CPU time for doing the work once, in nanoseconds: the median of all rounds.
    pub nanoseconds: f64,
    /// Its time relative to this project's: the median of the ratios within each round.
    pub ratio: f64,
    /// The contender's bound.
    pub target: Option<Target>,
}

/// Gives each contender one turn in every round.
pub fn race(case: &mut Case, effort: Effort) -> Vec<Outcome> {
    let turns: Vec<u32> =
        case.contenders.iter_mut().map(|contender| repetitions(contender, effort.turn)).collect();
    let mut times = vec![Vec::with_capacity(effort.rounds); case.contenders.len()];
    for _ in 0..effort.rounds {
        for ((contender, turn), times) in case.contenders.iter_mut().zip(&turns).zip(&mut times) {
            times.push(contender.time(*turn));
        }
    }
    let ours = times.first().cloned().unwrap_or_default();
    case.contenders
        .iter()
        .zip(times)
        .map(|(contender, times)| outcome(contender, times, &ours))
        .collect()
}

/// Returns how often the work fits into a turn. The first time does not count: there, a contender
/// may compile regular expressions for half a millisecond, and its turns would then be too short.
fn repetitions(contender: &mut Contender, turn: Duration) -> u32 {
    contender.repeat(1);
    let mut times = 1;
    loop {
        let taken = contender.time(times) * f64::from(times);
        if taken * 2.0 > turn.as_secs_f64() * 1e9 || times > 1 << 20 {
            return times;
        }
        times *= 2;
    }
}

fn outcome(contender: &Contender, times: Vec<f64>, ours: &[f64]) -> Outcome {
    let ratios = times.iter().zip(ours).map(|(theirs, ours)| theirs / ours).collect();
    let Contender { name, target, .. } = *contender;
    Outcome { name, nanoseconds: median(times), ratio: median(ratios), target }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
