//! The race itself.

use std::env;
use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// One row of the table: a piece of work, done by us, by peers, and as far as it is hashing alone.
#[derive(Debug)]
pub struct Case {
    /// The row's letter.
    pub row: &'static str,
    /// What is done.
    pub title: &'static str,
    /// Who does it: we first.
    pub contenders: Vec<Contender>,
}

/// One way to do a case's work.
pub struct Contender {
    /// Whose way, with its version.
    pub name: &'static str,
    /// How many times as long as we it is to take.
    pub target: Option<f64>,
    work: Box<dyn FnMut(u32)>,
}

impl Contender {
    /// A contender; `work` does the whole work once, on inputs that are its own.
    pub fn new<T>(name: &'static str, mut work: impl FnMut() -> T + 'static) -> Self {
        let repeat = move |times| {
            for _ in 0..times {
                black_box(work());
            }
        };
        Self { name, target: None, work: Box::new(repeat) }
    }

    /// This contender, which is to take at least `times` as long as we do.
    #[must_use]
    pub fn with_target(self, times: f64) -> Self {
        Self { target: Some(times), ..self }
    }

    /// Does the work once.
    pub fn once(&mut self) {
        (self.work)(1);
    }

    fn time(&mut self, times: u32) -> f64 {
        let start = ThreadTime::now();
        (self.work)(times);
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
    /// How often each contender has its turn.
    pub rounds: usize,
    /// How long a turn takes, about.
    pub turn: Duration,
}

impl Effort {
    /// The short form where `--quick` is an argument, which shows that all runs; else the long one.
    pub fn from_arguments() -> Self {
        if env::args().any(|argument| argument == "--quick") {
            Self { rounds: 5, turn: Duration::from_micros(200) }
        } else {
            Self { rounds: 301, turn: Duration::from_millis(1) }
        }
    }
}

/// What a contender took.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Whose outcome.
    pub name: &'static str,
    /// Nanoseconds of CPU time for the work done once: the median of all rounds.
    pub nanoseconds: f64,
    /// How many times as long as we: the median of the ratios within each round.
    pub ratio: f64,
    /// What the ratio is to be at least.
    pub target: Option<f64>,
}

/// Lets each contender have its turn in every round.
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

/// How often the work fits into a turn.
fn repetitions(contender: &mut Contender, turn: Duration) -> u32 {
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
