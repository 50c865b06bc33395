//! Mixtures of experts: which of them a row asks is decided on the device, so that nothing is read back within a pass.

use super::network::{Asked, bend};
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::configuration::{ExpertConfiguration, LayerConfiguration};
use crate::decoder::weights::{Joining, Linear, Network, RowNorm, SharedExpert};
use crate::gpu::{Choices, Constant, Gpu, Matrix, Tiles};

/// Threads of a group that chooses for a row.
const CHOOSING_THREADS: u32 = 128;
/// Threads of the group that puts choices in order.
const SORTING_THREADS: u32 = 256;

/// How many experts a row asks, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decoder::gpu) struct Choosing {
    pub(super) chosen: u32,
    pub(super) count: u32,
}

impl Choosing {
    /// How the choices of so many rows are worked on.
    pub(in crate::decoder::gpu) fn tiles(self, gpu: &Gpu, rows: u32) -> Tiles {
        Tiles::of(gpu, rows, self.chosen, self.count)
    }
}

/// The weights of a mixture: the router, all experts in one network, and the network beside them.
type Mixture<'a> = (&'a Linear<Matrix>, &'a [Network<Matrix>], Option<&'a SharedExpert<Matrix>>);

impl<'a> Builder<'a> {
    /// The choices of a pass; so many of them have the same row of what is read.
    pub(super) fn choices(&self, sharing: u32) -> Choices<'a> {
        let experts = &self.buffers.experts;
        Choices { tiles: &experts.tiles, most: words(experts.choices), sharing }
    }

    /// From what attention projected to what the experts of a layer say.
    pub(super) fn experts(
        &mut self,
        shape: &LayerConfiguration,
        (router, experts, shared): Mixture<'_>,
        choice: ExpertConfiguration,
        (norm, added): (&RowNorm, Added<'_>),
        steps: &mut Vec<Step>,
    ) {
        let Some(network) = experts.first() else { return };
        let choosing = Choosing { chosen: words(choice.chosen), count: words(choice.count) };
        let bend = bend(shape.feed_forward.bend);
        let width = shape.feed_forward.width;
        let chosen = Asked { network, bend, width, choosing: Some(choosing) };
        let beside = shared.zip(shape.feed_forward.shared).map(|(shared, configuration)| {
            let asked = Asked { network: &shared.network, bend, width: configuration.width, choosing: None };
            (asked, &shared.joining)
        });
        let buffers = &self.buffers.experts;
        match beside {
            None => {
                let wanted = Wanted::by(&[vec![router], chosen.first()].concat());
                steps.push(self.normalise(Some(norm), Some(added), false, wanted));
                self.choose(&[router], choice, None, steps);
            }
            Some((asked, Joining::Gated(gate))) => {
                let wanted = Wanted::by(&[vec![router, gate], chosen.first(), asked.first()].concat());
                steps.push(self.normalise(Some(norm), Some(added), false, wanted));
                self.network(asked, &buffers.beside, steps);
                self.choose(&[router, gate], choice, None, steps);
            }
            Some((asked, Joining::Normed { router: router_norm, experts, scales, .. })) => {
                steps.push(self.normalise(Some(norm), Some(added), false, Wanted::by(&asked.first())));
                self.network(asked, &buffers.beside, steps);
                steps.push(self.normalise(Some(router_norm), None, false, Wanted::by(&[router])));
                self.choose(&[router], choice, Some(scales), steps);
                steps.push(self.normalise(Some(experts), None, false, Wanted::by(&chosen.first())));
            }
        }
        self.network(chosen, &buffers.said, steps);
        steps.push(self.mix(choosing, beside.map(|(_, joining)| joining)));
    }

    /// Has the router choose. `factors` are what the share of each expert is multiplied by.
    fn choose(
        &mut self,
        scores: &[&Linear<Matrix>],
        choice: ExpertConfiguration,
        factors: Option<&Vec<f32>>,
        steps: &mut Vec<Step>,
    ) {
        let buffers = &self.buffers.experts;
        steps.push(self.products(scores, &buffers.scores));
        let choosing = Choosing { chosen: words(choice.chosen), count: words(choice.count) };
        let sizes = [
            ("COUNT", Constant::Whole(choosing.count)),
            ("CHOSEN", Constant::Whole(choosing.chosen)),
            ("TILES", Constant::Whole(words(buffers.choices))),
        ];
        let constants = [
            ("THREADS", Constant::Whole(CHOOSING_THREADS)),
            ("STRIDE", Constant::Whole(words(choice.count + scores.len() - 1))),
            ("IS_NORMALISED", Constant::Flag(choice.is_normalised)),
            ("HAS_FACTORS", Constant::Flag(factors.is_some())),
        ];
        let text = include_str!("../../../gpu/shaders/choose.wgsl");
        let program = self.programs.get(self.gpu, text, &[&constants[..], &sizes].concat());
        let factors = self.numbers(factors);
        let bound = [(0, &buffers.scores), (1, &buffers.chosen), (2, &buffers.tiles), (3, &factors)];
        let group = self.gpu.bind(&program, 0, &bound);
        steps.push(Step::Parts { program, group, parts: 1, times: 1 });
        let constants =
            [("THREADS", Constant::Whole(SORTING_THREADS)), ("TILE", Constant::Whole(Choices::most_rows(self.gpu)))];
        let text = include_str!("../../../gpu/shaders/sort.wgsl");
        let program = self.programs.get(self.gpu, text, &[&constants[..], &sizes].concat());
        let bound = [(0, &self.buffers.row_count), (1, &buffers.chosen), (2, &buffers.tiles)];
        let group = self.gpu.bind(&program, 0, &bound);
        steps.push(Step::Sort(program, group, choosing));
    }

    /// Adds up what was said.
    fn mix(&mut self, choosing: Choosing, joining: Option<&Joining<Matrix>>) -> Step {
        let (joins, norms) = match joining {
            None => (0, None),
            Some(Joining::Gated(_)) => (1, None),
            Some(Joining::Normed { after_experts, after_shared, .. }) => (2, Some((after_experts, after_shared))),
        };
        let [threads, turns] = self.row_constants();
        let stride = if joins == 1 { choosing.count + 1 } else { choosing.count };
        let constants = [
            threads,
            turns,
            ("CHOSEN", Constant::Whole(choosing.chosen)),
            ("STRIDE", Constant::Whole(stride)),
            ("JOINS", Constant::Whole(joins)),
        ];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/mix.wgsl"), &constants);
        let hidden = self.configuration.hidden;
        let epsilon = self.configuration.epsilon.to_bits();
        let sizes = self.gpu.uniform(&[words(hidden / 4), (hidden as f32).to_bits(), epsilon]);
        let scale = self.numbers(norms.map(|norms| norms.0.scale()));
        let scale_beside = self.numbers(norms.map(|norms| norms.1.scale()));
        let buffers = &self.buffers.experts;
        let bound = [
            (0, &sizes),
            (1, &buffers.said),
            (2, &buffers.chosen),
            (3, &self.buffers.projected),
            (4, &buffers.beside),
            (5, &buffers.scores),
            (6, &scale),
            (7, &scale_beside),
        ];
        let group = self.gpu.bind(&program, 0, &bound);
        Step::Parts { program, group, parts: 1, times: 1 }
    }
}
