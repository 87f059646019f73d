//! What changed between two runs, as a table and as lists of questions.

use crate::cli::output::print_line;
use crate::domain::language::Language;
use crate::i18n::sentence;
use crate::metrics::comparison::Change;
use crate::metrics::comparison::Changes;
use crate::metrics::comparison::Comparison;
use crate::metrics::comparison::Move;
use crate::metrics::run::Space;

pub fn print(comparison: &Comparison, old: &Space, language: Language) {
    let values = [
        ("space", format!("{} {} {}", old.model, old.revision, old.dimensions)),
        ("questions", comparison.total.questions.to_string()),
        ("only_in_old", comparison.only_in_old.to_string()),
        ("only_in_new", comparison.only_in_new.to_string()),
    ];
    print_line("");
    print_line(sentence(language, "cli_eval_compared", &values));
    let header = ["hit_at_1", "hit_at_5", "mrr", "judged_rightly"].map(|figure| format!("{figure:>27}"));
    print_line(format!("{:14} {:>5}  {}", "kind", "lines", header.join(" ")));
    for (kind, changes) in &comparison.kinds {
        print_changes(kind, changes);
    }
    print_changes("total", &comparison.total);
    print_line(sentence(language, "cli_eval_change_intervals", &[]));
    for (key, moves) in [
        ("cli_eval_won", &comparison.won),
        ("cli_eval_lost", &comparison.lost),
        ("cli_eval_judged_rightly", &comparison.judged_rightly),
        ("cli_eval_judged_wrongly", &comparison.judged_wrongly),
    ] {
        print_line("");
        print_line(sentence(language, key, &[("count", moves.len().to_string())]));
        for moved in moves {
            print_line(line(moved, language));
        }
    }
}

fn print_changes(kind: &str, changes: &Changes) {
    let cells = [changes.hit_at_1, changes.hit_at_5, changes.mrr, changes.judged_rightly];
    let cells = cells.map(|change| format!("{:>27}", cell(change)));
    print_line(format!("{kind:14} {:>5}  {}", changes.questions, cells.join(" ")));
}

/// `0.745→0.790 +0.01…+0.08`.
fn cell(change: Change) -> String {
    let Change { old, new, interval } = change;
    format!("{old:.3}→{new:.3} {:+.2}…{:+.2}", interval.low, interval.high)
}

fn line(moved: &Move, language: Language) -> String {
    let rank = |rank: Option<usize>| rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
    let decision = |refused: bool| {
        let key = if refused {
            "cli_eval_refused"
        } else {
            "cli_eval_answered"
        };
        sentence(language, key, &[])
    };
    let decisions = if moved.refused_before == moved.refused {
        String::new()
    } else {
        format!("  {}→{}", decision(moved.refused_before), decision(moved.refused))
    };
    format!(
        "  {:14} {:>3}→{:<3} {}{decisions}",
        moved.kind,
        rank(moved.old_rank),
        rank(moved.new_rank),
        moved.question
    )
}
