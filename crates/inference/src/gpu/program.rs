//! Programs from their texts.

use std::collections::HashMap;
use std::sync::Arc;

use super::Gpu;

/// A program that is ready to run, and how its buffers are bound.
#[derive(Clone)]
pub(crate) struct Program {
    pipeline: Arc<wgpu::ComputePipeline>,
    layouts: Vec<Arc<wgpu::BindGroupLayout>>,
}

impl Program {
    pub(crate) fn pipeline(&self) -> &wgpu::ComputePipeline {
        &self.pipeline
    }

    pub(super) fn layout(&self, group: usize) -> &wgpu::BindGroupLayout {
        &self.layouts[group]
    }
}

/// How a program uses a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Access {
    Uniform,
    Read,
    Write,
}

/// What a program binds in a group, by number.
type Bindings = Vec<(u32, Access)>;

/// The programs of a device, each compiled once.
#[derive(Default)]
pub(crate) struct Programs {
    programs: HashMap<String, Program>,
    /// Shared, so that what is bound for one program serves another that binds the same.
    layouts: HashMap<Bindings, Arc<wgpu::BindGroupLayout>>,
}

/// How the threads of a group add up their numbers.
const MEMORY_TREE: &str = include_str!("shaders/trees/group_memory.wgsl");
const SUBGROUP_TREE: &str = include_str!("shaders/trees/group_subgroup.wgsl");

impl Programs {
    /// A program by its text and the constants that it is written in terms of.
    pub(crate) fn get(&mut self, gpu: &Gpu, text: &str, constants: &[(&str, Constant)]) -> Program {
        self.of(gpu, &Text::new(text, constants))
    }

    /// The program of a text.
    pub(super) fn of(&mut self, gpu: &Gpu, Text(text): &Text) -> Program {
        let mut whole = text.clone();
        for (call, called) in [
            ("store_rounded(", include_str!("shaders/round.wgsl")),
            ("bend(", include_str!("shaders/bend.wgsl")),
            ("dots(", include_str!("shaders/units/common.wgsl")),
            ("add_up(", if gpu.has_subgroups { SUBGROUP_TREE } else { MEMORY_TREE }),
        ] {
            if text.contains(call) {
                whole.push_str(called);
            }
        }
        if let Some(program) = self.programs.get(&whole) {
            return program.clone();
        }
        let layouts: Vec<_> = bindings(&whole).into_iter().map(|bindings| self.layout(gpu, bindings)).collect();
        let program = compile(gpu, &whole, layouts);
        self.programs.insert(whole, program.clone());
        program
    }

    fn layout(&mut self, gpu: &Gpu, bindings: Bindings) -> Arc<wgpu::BindGroupLayout> {
        let entry = self.layouts.entry(bindings);
        let entries: Vec<_> = entry.key().iter().map(layout_entry).collect();
        let layout = entry.or_insert_with(|| {
            let descriptor = wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries };
            Arc::new(gpu.device.create_bind_group_layout(&descriptor))
        });
        Arc::clone(layout)
    }
}

/// The text of a program, with its constants.
#[derive(Debug, Clone)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn new(text: &str, constants: &[(&str, Constant)]) -> Self {
        let mut whole: String = constants.iter().map(|(name, value)| value.line(name)).collect();
        whole.push_str(text);
        Self(whole)
    }
}

/// A number in a program.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Constant {
    Whole(u32),
    Flag(bool),
}

impl Constant {
    fn line(self, name: &str) -> String {
        match self {
            Self::Whole(value) => format!("const {name}: u32 = {value}u;\n"),
            Self::Flag(value) => format!("const {name}: bool = {value};\n"),
        }
    }
}

fn layout_entry((binding, access): &(u32, Access)) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding: *binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: match access {
                Access::Uniform => wgpu::BufferBindingType::Uniform,
                Access::Read => wgpu::BufferBindingType::Storage { read_only: true },
                Access::Write => wgpu::BufferBindingType::Storage { read_only: false },
            },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}

#[expect(unsafe_code, reason = "leaves out what bounds loops that have an end")]
fn compile(gpu: &Gpu, text: &str, layouts: Vec<Arc<wgpu::BindGroupLayout>>) -> Program {
    let descriptor = wgpu::ShaderModuleDescriptor { label: None, source: wgpu::ShaderSource::Wgsl(text.into()) };
    let checks = wgpu::ShaderRuntimeChecks { force_loop_bounding: false, ..wgpu::ShaderRuntimeChecks::checked() };
    // SAFETY: the texts are those of this crate, and each of their loops counts up or down to a bound that it does not
    // change. Accesses to buffers stay checked.
    let module = unsafe { gpu.device.create_shader_module_trusted(descriptor, checks) };
    let groups: Vec<_> = layouts.iter().map(|layout| Some(&**layout)).collect();
    let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: None,
        bind_group_layouts: &groups,
        ..wgpu::PipelineLayoutDescriptor::default()
    });
    let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: Some(&layout),
        module: &module,
        entry_point: Some("main"),
        // What is read was written before; nothing need be cleared for that.
        compilation_options: wgpu::PipelineCompilationOptions {
            zero_initialize_workgroup_memory: false,
            ..wgpu::PipelineCompilationOptions::default()
        },
        cache: None,
    });
    Program { pipeline: Arc::new(pipeline), layouts }
}

/// What a text declares with `@group(…) @binding(…)`, by group.
fn bindings(text: &str) -> Vec<Bindings> {
    let mut groups: Vec<Bindings> = Vec::new();
    for line in text.lines() {
        let Some((group, rest)) = number_after(line, "@group(") else { continue };
        let Some((binding, rest)) = number_after(rest, "@binding(") else { continue };
        let access = if rest.contains("var<uniform>") {
            Access::Uniform
        } else if rest.contains("read_write>") {
            Access::Write
        } else {
            Access::Read
        };
        let group = group as usize;
        if groups.len() <= group {
            groups.resize(group + 1, Bindings::new());
        }
        groups[group].push((binding, access));
    }
    groups
}

fn number_after<'a>(text: &'a str, name: &str) -> Option<(u32, &'a str)> {
    let (_, rest) = text.split_once(name)?;
    let (number, rest) = rest.split_once(')')?;
    Some((number.parse().ok()?, rest))
}
