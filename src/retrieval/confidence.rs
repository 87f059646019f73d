//! How sure it is that the shop's knowledge answers a question at all.

use crate::retrieval::calibration::ConfidenceWeights;
use crate::retrieval::signs::Signs;

/// From 0 to 1: a logistic model of the signs (`scripts/fit_ranking.py` learns it). A named identifier is certain.
pub fn confidence(signs: &Signs, weights: &ConfidenceWeights) -> f64 {
    if signs.identifier == 1.0 {
        return 1.0;
    }
    let evidence = weights.constant
        + weights.score * signs.score
        + weights.whole_vector * signs.whole_vector
        + weights.unsold * signs.unsold
        + weights.unnamed * signs.unnamed
        + weights.bare_unnamed * signs.bare_unnamed;
    1.0 / (1.0 + (-evidence).exp())
}

#[cfg(test)]
mod tests {
    use super::confidence;
    use crate::retrieval::calibration::Calibration;
    use crate::retrieval::signs::Signs;

    #[test]
    fn what_the_shop_does_not_sell_is_less_sure_than_what_it_sells() {
        let weights = Calibration::for_model("builtin").confidence;
        let sold = Signs {
            score: 0.4,
            ..Signs::default()
        };
        let unsold = Signs { unsold: 1.0, ..sold };
        let unnamed = Signs { unnamed: 1.0, ..sold };
        assert!(confidence(&sold, &weights) > confidence(&unsold, &weights));
        assert!(confidence(&sold, &weights) > confidence(&unnamed, &weights));
        let named = Signs {
            identifier: 1.0,
            ..Signs::default()
        };
        assert_eq!(confidence(&named, &weights), 1.0);
    }
}
