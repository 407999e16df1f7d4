//! A long history that goes wrong becomes a short one that goes wrong in the same way.

use super::{Wrong, play_steps};

/// Replays at most: a person waits for it.
const REPLAYS: u32 = 400;

/// Leaves out whatever can be left out, and tells the rest.
pub fn shrink(seed: u64, wrong: Wrong) -> String {
    let (steps, wrong) = shortest(wrong, &mut |steps| play_steps(seed, Some(steps)).err());
    let list: Vec<String> = steps.iter().map(u64::to_string).collect();
    let (text, history) = (wrong.text, wrong.history);
    format!("PJ_SEED={seed}: {text}\nPJ_SEED={seed} PJ_STEPS={} plays only what matters:\n{history}", list.join(","))
}

/// Halves, quarters and so on are left out as long as the same thing goes wrong without them (Zeller's ddmin).
fn shortest(wrong: Wrong, replay: &mut dyn FnMut(&[u64]) -> Option<Wrong>) -> (Vec<u64>, Wrong) {
    let wanted = likeness(&wrong.text);
    let mut steps: Vec<u64> = (0..=wrong.step).collect();
    let mut best = wrong;
    let (mut pieces, mut replays) = (2, 0);
    while steps.len() > 1 && pieces <= steps.len() && replays < REPLAYS {
        let size = steps.len().div_ceil(pieces);
        let mut smaller = None;
        for from in (0..steps.len()).step_by(size) {
            let rest: Vec<u64> =
                steps.iter().enumerate().filter(|(at, _)| !(from..from + size).contains(at)).map(|(_, s)| *s).collect();
            replays += 1;
            if let Some(wrong) = replay(&rest).filter(|wrong| likeness(&wrong.text) == wanted) {
                smaller = Some((rest, wrong));
                break;
            }
        }
        match smaller {
            Some((rest, wrong)) => {
                // What comes after the step that went wrong was never played.
                steps = rest.into_iter().filter(|step| *step <= wrong.step).collect();
                best = wrong;
                pieces = (pieces - 1).max(2);
            }
            None if size == 1 => break,
            None => pieces *= 2,
        }
    }
    (steps, best)
}

/// What a complaint says, without the numbers and names in it.
fn likeness(text: &str) -> String {
    let words: String = text.chars().map(|c| if c.is_ascii_digit() { ' ' } else { c }).collect();
    words.split_whitespace().filter(|word| word.chars().all(|c| c.is_ascii_lowercase())).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_history_is_shrunk_to_the_steps_that_matter() {
    // It goes wrong when step 7 comes before step 40, whatever else happens.
    let mut replays = 0;
    let mut replay = |steps: &[u64]| {
        replays += 1;
        let wrong = steps.contains(&7) && steps.contains(&40);
        wrong.then(|| Wrong { text: format!("payment {}: lost", steps.len()), step: 40, history: String::new() })
    };
    let first = Wrong { text: "payment 99: lost".into(), step: 200, history: String::new() };
    let (steps, _) = shortest(first, &mut replay);
    assert_eq!(steps, [7, 40]);
    assert!(replays < REPLAYS);
}
