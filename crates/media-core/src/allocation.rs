//! Which layer of each video a receiver gets, so that together they fit what can be sent to it.

use crate::track::LAYERS_MAX;

/// A video that a receiver wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Want {
    /// Served before those with a lower one.
    pub priority: u32,
    /// The best layer that is of use, by the size it is shown in.
    pub layer_max: usize,
    /// What each layer takes in bits per second. `None` for a layer that is not being sent.
    pub layers: [Option<u64>; LAYERS_MAX],
    /// The layer it gets at present.
    pub present: Option<usize>,
}

/// What a layer has to leave free of the rest, in percent of its rate, before a receiver is raised to it. Without it a receiver
/// whose bandwidth is near a layer's rate would go up and down all the time.
const HEADROOM_PERCENT: u64 = 15;

/// The share of its rate, in percent, that has to be free for a lowest layer to be given, and to be kept. Below that a picture
/// would build up a queue in front of the voice; above it, a picture with some loss is better than none, and the measurement
/// it gives is better than the one without it.
const LOWEST_GIVEN_PERCENT: u64 = 75;
const LOWEST_KEPT_PERCENT: u64 = 60;

impl Want {
    /// The layers that may be given, lowest first: those that flow and are of use, or the lowest that flows if all are too
    /// large.
    fn steps(&self) -> Vec<(usize, u64)> {
        let flowing = || self.layers.iter().enumerate().filter_map(|(layer, bps)| bps.map(|bps| (layer, bps)));
        let useful: Vec<_> = flowing().filter(|(layer, _)| *layer <= self.layer_max).collect();
        if useful.is_empty() { flowing().take(1).collect() } else { useful }
    }

    /// What the next layer takes more than the one given, headroom included. `None` if it has the best.
    pub fn raise_bps(&self, given: Option<usize>) -> Option<u64> {
        let steps = self.steps();
        let given_bps = steps.iter().find(|(layer, _)| Some(*layer) == given).map_or(0, |(_, bps)| *bps);
        let (_, bps) = steps.iter().find(|(layer, _)| given.is_none_or(|given| *layer > given))?;
        Some(bps.saturating_sub(given_bps) + bps * HEADROOM_PERCENT / 100)
    }

    /// The lowest layer that may be given.
    pub fn lowest(&self) -> Option<usize> {
        self.steps().first().map(|(layer, _)| *layer)
    }

    /// What the best useful layer takes.
    pub fn bps_max(&self) -> u64 {
        self.steps().last().map_or(0, |(_, bps)| *bps)
    }
}

/// Chooses a layer for each want, `None` where nothing fits. `budget` is in bits per second, `None` if it was never measured.
///
/// Everybody gets the lowest layer before anybody gets a higher one: many small pictures are worth more than one sharp one.
/// A want of which no layer flows gets its best layer for nothing, to be taken when it starts.
pub(crate) fn allocate(wants: &[Want], budget: Option<u64>) -> Vec<Option<usize>> {
    let Some(budget) = budget else {
        return wants
            .iter()
            .map(|want| Some(want.steps().last().map_or(want.layer_max, |(layer, _)| *layer)))
            .collect();
    };
    let mut chosen: Vec<Option<usize>> = vec![None; wants.len()];
    let mut left = budget;
    let steps: Vec<_> = wants.iter().map(Want::steps).collect();
    let mut order: Vec<usize> = (0..wants.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(wants[*index].priority));

    for step in 0..LAYERS_MAX {
        for &index in &order {
            let Some((layer, bps)) = steps[index].get(step).copied() else { continue };
            let below = step.checked_sub(1).and_then(|below| steps[index].get(below));
            if step > 0 && chosen[index] != below.map(|(layer, _)| *layer) {
                continue;
            }
            let extra = bps.saturating_sub(below.map_or(0, |(_, bps)| *bps));
            let is_raise = wants[index].present.is_none_or(|present| layer > present);
            let needed = match (step, is_raise) {
                (0, true) => bps * LOWEST_GIVEN_PERCENT / 100,
                (0, false) => bps * LOWEST_KEPT_PERCENT / 100,
                (_, true) => extra + bps * HEADROOM_PERCENT / 100,
                (_, false) => extra,
            };
            if needed <= left {
                left -= extra.min(left);
                chosen[index] = Some(layer);
            }
        }
    }
    for (index, want) in wants.iter().enumerate() {
        if steps[index].is_empty() {
            chosen[index] = Some(want.layer_max);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(present: Option<usize>) -> Want {
        Want { priority: 0, layer_max: 2, layers: [Some(150_000), Some(500_000), Some(1_700_000)], present }
    }

    #[test]
    fn everything_is_given_while_nothing_was_measured() {
        assert_eq!(allocate(&[want(None), want(None)], None), [Some(2), Some(2)]);
    }

    #[test]
    fn the_lowest_layers_come_first() {
        assert_eq!(allocate(&[want(None), want(None)], Some(400_000)), [Some(0), Some(0)]);
        assert_eq!(allocate(&[want(None), want(None)], Some(800_000)), [Some(1), Some(0)]);
    }

    #[test]
    fn what_does_not_fit_is_paused_the_least_important_first() {
        let important = Want { priority: 1, ..want(None) };
        assert_eq!(allocate(&[want(None), important], Some(200_000)), [None, Some(0)]);
        assert_eq!(allocate(&[want(None)], Some(0)), [None]);
    }

    #[test]
    fn a_layer_is_kept_without_the_headroom_that_raising_needs() {
        assert_eq!(allocate(&[want(Some(1))], Some(500_000)), [Some(1)]);
        assert_eq!(allocate(&[want(Some(0))], Some(500_000)), [Some(0)]);
    }

    #[test]
    fn only_layers_that_flow_and_are_of_use_are_given() {
        let small = Want { layer_max: 0, ..want(None) };
        assert_eq!(allocate(&[small], Some(9_000_000)), [Some(0)]);
        let gone = Want { layers: [None, None, Some(900_000)], layer_max: 0, ..want(None) };
        assert_eq!(allocate(&[gone], Some(9_000_000)), [Some(2)]);
        let silent = Want { layers: [None; 3], layer_max: 1, ..want(None) };
        assert_eq!(allocate(&[silent], Some(0)), [Some(1)]);
    }

    #[test]
    fn a_missing_middle_layer_is_stepped_over() {
        let gap = Want { layers: [Some(150_000), None, Some(1_000_000)], ..want(None) };
        assert_eq!(allocate(&[gap], Some(5_000_000)), [Some(2)]);
    }
}
