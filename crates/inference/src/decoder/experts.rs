//! Feed-forward networks of which each token asks some.

use super::configuration::ExpertConfiguration;
use super::forward::{GoesOn, Scratch, Step};
use super::weights::{FeedForward, Joining, Linear, Network, SharedExpert};
use crate::Result;
use crate::kernels::Bend;

/// For each row the experts with their shares, by number.
type Chosen = Vec<Vec<(usize, f32)>>;

impl Step<'_> {
    /// Has each row, which was normalised, ask the experts that the router chooses for it, and the one that all share if there
    /// is one.
    pub(super) fn ask_experts(&self, scratch: &mut Scratch, goes_on: GoesOn<'_>) -> Result<()> {
        let FeedForward::Experts { router, experts, choice, shared } = &self.layer.feed_forward else { return Ok(()) };
        let Some(shared) = shared else {
            let chosen = self.route(router, *choice, scratch, goes_on)?;
            return self.ask_chosen(experts, &chosen, scratch, goes_on);
        };
        let decoder = self.decoder;
        match &shared.joining {
            Joining::Gated(gate) => {
                let chosen = self.route(router, *choice, scratch, goes_on)?;
                self.ask_chosen(experts, &chosen, scratch, goes_on)?;
                let mut shares = Vec::new();
                decoder.linear(&scratch.normed, &mut scratch.rounded, &mut [(gate, &mut shares)], goes_on)?;
                decoder.cpu.bend(Bend::Sigmoid, &mut shares);
                let said = self.ask_shared(shared, scratch, goes_on)?;
                let hidden = decoder.configuration.hidden;
                let rows = scratch.projected.chunks_exact_mut(hidden).zip(said.chunks_exact(hidden));
                for ((to, from), share) in rows.zip(shares) {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += share * from);
                }
            }
            Joining::Normed { router: router_norm, experts: norm, scales, after_shared, after_experts } => {
                let said = self.ask_shared(shared, scratch, goes_on)?;
                let mut normed = Vec::new();
                decoder.normalise(after_shared, &said, &mut normed);
                decoder.normalise(router_norm, &scratch.rows, &mut scratch.normed);
                let mut chosen = self.route(router, *choice, scratch, goes_on)?;
                chosen.iter_mut().flatten().for_each(|(expert, share)| *share *= scales[*expert]);
                decoder.normalise(norm, &scratch.rows, &mut scratch.normed);
                self.ask_chosen(experts, &chosen, scratch, goes_on)?;
                decoder.normalise(after_experts, &scratch.projected, &mut scratch.normed);
                std::mem::swap(&mut scratch.projected, &mut scratch.normed);
                decoder.cpu.add(&mut scratch.projected, &normed);
            }
        }
        Ok(())
    }

    fn route(
        &self,
        router: &Linear,
        choice: ExpertConfiguration,
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<Chosen> {
        let mut scores = Vec::new();
        self.decoder.linear(&scratch.normed, &mut scratch.rounded, &mut [(router, &mut scores)], goes_on)?;
        Ok(choose(&scores, choice))
    }

    /// Each expert works on the rows that chose it; a row adds up what its experts give in their order.
    fn ask_chosen(
        &self,
        experts: &[Network],
        chosen: &Chosen,
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let hidden = self.decoder.configuration.hidden;
        scratch.projected.clear();
        scratch.projected.resize(scratch.normed.len(), 0.0);
        let (mut rows, mut output) = (Vec::new(), Vec::new());
        for (number, expert) in experts.iter().enumerate() {
            let share = |row: usize| chosen[row].iter().find(|(expert, _)| *expert == number).map(|(_, share)| *share);
            let asking: Vec<(usize, f32)> =
                (0..chosen.len()).filter_map(|row| share(row).map(|share| (row, share))).collect();
            if asking.is_empty() {
                continue;
            }
            rows.clear();
            asking.iter().for_each(|(row, _)| rows.extend(&scratch.normed[row * hidden..(row + 1) * hidden]));
            let space = (&mut scratch.gates, &mut scratch.wide, &mut scratch.rounded);
            self.decoder.network(expert, self.shape, &rows, space, &mut output, goes_on)?;
            for ((row, share), from) in asking.iter().zip(output.chunks_exact(hidden)) {
                let to = &mut scratch.projected[row * hidden..(row + 1) * hidden];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += share * from);
            }
        }
        Ok(())
    }

    /// What the network says that every row asks.
    fn ask_shared(&self, expert: &SharedExpert, scratch: &mut Scratch, goes_on: GoesOn<'_>) -> Result<Vec<f32>> {
        let mut said = Vec::new();
        let space = (&mut scratch.gates, &mut scratch.wide, &mut scratch.rounded);
        self.decoder.network(&expert.network, self.shape, &scratch.normed, space, &mut said, goes_on)?;
        Ok(said)
    }
}

/// The experts of each row of the router's scores.
fn choose(scores: &[f32], choice: ExpertConfiguration) -> Chosen {
    scores.chunks_exact(choice.count).map(|scores| choose_one(scores, choice)).collect()
}

fn choose_one(scores: &[f32], choice: ExpertConfiguration) -> Vec<(usize, f32)> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares: Vec<(usize, f32)> = scores.iter().map(|score| (score - largest).exp()).enumerate().collect();
    let sum: f32 = shares.iter().map(|(_, share)| share).sum();
    // Of equal ones the first, as the reference does.
    shares.sort_by(|(left, left_share), (right, right_share)| right_share.total_cmp(left_share).then(left.cmp(right)));
    shares.truncate(choice.chosen);
    let whole = if choice.is_normalised { shares.iter().map(|(_, share)| share).sum() } else { sum };
    shares.iter_mut().for_each(|(_, share)| *share /= whole);
    shares.sort_by_key(|(expert, _)| *expert);
    shares
}
