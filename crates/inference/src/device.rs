use std::path::Path;
use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;
use burn_wgpu::WgpuBackend;
use cubecl_runtime::config::cache::CacheConfig;
use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};
use serde::{Deserialize, Serialize};

use crate::gpu::ready;
use crate::{Error, Result};

/// What a model is to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeviceChoice {
    /// The best GPU, or the CPU where there is none. Never a GPU that a program only imitates.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The best GPU, or an error where there is none.
    Gpu,
    /// A GPU that a program imitates (lavapipe, SwiftShader, WARP): slower than the CPU, for tests only.
    SoftwareGpu,
}

/// What kind of device an adapter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AdapterKind {
    /// The CPU, by burn-flex.
    Cpu,
    /// A GPU with memory of its own.
    DiscreteGpu,
    /// A GPU that shares the CPU's memory.
    IntegratedGpu,
    /// A GPU that a virtual machine passes through.
    VirtualGpu,
    /// A GPU that a program imitates.
    SoftwareGpu,
}

/// A device that a model can run on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ComputeDevice {
    /// What kind it is.
    pub kind: AdapterKind,
    /// Its name, as the driver gives it.
    pub name: String,
    /// The graphics interface that reaches it: `vulkan`, `metal`, `dx12`. None for the CPU.
    pub interface: Option<String>,
    /// Its place among the devices of its kind on its interface.
    index: usize,
}

impl ComputeDevice {
    fn cpu() -> Self {
        Self { kind: AdapterKind::Cpu, name: "CPU".to_owned(), interface: None, index: 0 }
    }

    /// Whether it is reached through a graphics interface, imitated or not.
    #[must_use]
    pub fn is_gpu(&self) -> bool {
        self.kind != AdapterKind::Cpu
    }
}

impl std::fmt::Display for ComputeDevice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.interface {
            Some(interface) => write!(formatter, "{} ({interface})", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}

/// All devices of this machine that a model can run on, best first: GPUs with memory of their own, then those that share
/// it, then passed-through ones, the CPU, and last the imitated ones. Loads the graphics drivers to ask them.
#[must_use]
pub fn devices() -> Vec<ComputeDevice> {
    let mut devices = vec![ComputeDevice::cpu()];
    for (backend, _) in INTERFACES {
        devices.extend(adapters(backend).into_iter().map(|(device, _)| device));
    }
    devices.sort_by_key(|device| rank(device.kind));
    devices
}

/// The interfaces that are asked for adapters, best first. OpenGL is not: its compute shaders bind too few buffers, and
/// loading it looks for a display.
const INTERFACES: [(wgpu::Backend, WgpuBackend); 3] = [
    (wgpu::Backend::Metal, WgpuBackend::Metal),
    (wgpu::Backend::Vulkan, WgpuBackend::Vulkan),
    (wgpu::Backend::Dx12, WgpuBackend::Dx12),
];

fn rank(kind: AdapterKind) -> u8 {
    match kind {
        AdapterKind::DiscreteGpu => 0,
        AdapterKind::IntegratedGpu => 1,
        AdapterKind::VirtualGpu => 2,
        AdapterKind::Cpu => 3,
        AdapterKind::SoftwareGpu => 4,
    }
}

/// What talks to the drivers, by interface. Drivers crash when they come and go on several threads at once, and run out of
/// memory for the variables of threads when they come and go often: they stay.
static INSTANCES: Mutex<Vec<(wgpu::Backend, wgpu::Instance)>> = Mutex::new(Vec::new());

fn adapters(backend: wgpu::Backend) -> Vec<(ComputeDevice, wgpu::Adapter)> {
    let mut instances = INSTANCES.lock().unwrap_or_else(PoisonError::into_inner);
    let place = instances.iter().position(|(known, _)| *known == backend).unwrap_or_else(|| {
        let descriptor = wgpu::InstanceDescriptor {
            backends: backend.into(),
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        };
        instances.push((backend, wgpu::Instance::new(descriptor)));
        instances.len() - 1
    });
    let instance = &instances[place].1;
    let mut devices: Vec<(ComputeDevice, wgpu::Adapter)> = Vec::new();
    for adapter in ready(instance.enumerate_adapters(backend.into())).unwrap_or_default() {
        let info = adapter.get_info();
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::DiscreteGpu,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::IntegratedGpu,
            wgpu::DeviceType::VirtualGpu => AdapterKind::VirtualGpu,
            wgpu::DeviceType::Cpu => AdapterKind::SoftwareGpu,
            // What does not say what it is may be imitated as well.
            wgpu::DeviceType::Other => continue,
        };
        let index = devices.iter().filter(|(device, _)| device.kind == kind).count();
        let device = ComputeDevice { kind, name: info.name, interface: Some(backend.to_str().to_owned()), index };
        devices.push((device, adapter));
    }
    devices
}

/// GPUs that were opened. burn opens each once in the life of a process.
static OPENED: Mutex<Vec<(ComputeDevice, Device)>> = Mutex::new(Vec::new());

/// Opens the chosen device.
pub(crate) fn open(choice: DeviceChoice, cache: Option<&Path>) -> Result<(ComputeDevice, Device)> {
    if choice == DeviceChoice::Cpu {
        return Ok((ComputeDevice::cpu(), Device::flex()));
    }
    let found = devices().into_iter().find(|device| choice.allows(device.kind));
    match found {
        Some(device) if device.is_gpu() => match open_gpu(&device, cache) {
            Ok(handle) => Ok((device, handle)),
            Err(error) if choice == DeviceChoice::Auto => {
                tracing::warn!(%device, %error, "the GPU cannot be used, the CPU takes its place");
                Ok((ComputeDevice::cpu(), Device::flex()))
            }
            Err(error) => Err(error),
        },
        Some(device) => Ok((device, Device::flex())),
        None => Err(choice.none()),
    }
}

/// The adapter of the chosen GPU. None for the CPU.
pub(crate) fn adapter(choice: DeviceChoice) -> Result<Option<(ComputeDevice, wgpu::Adapter)>> {
    if choice == DeviceChoice::Cpu {
        return Ok(None);
    }
    let all = INTERFACES.iter().flat_map(|(backend, _)| adapters(*backend));
    let found = all.filter(|(device, _)| choice.allows(device.kind)).min_by_key(|(device, _)| rank(device.kind));
    match found {
        None if choice == DeviceChoice::Auto => Ok(None),
        None => Err(choice.none()),
        found => Ok(found),
    }
}

impl DeviceChoice {
    /// Whether a device of this kind may be taken.
    fn allows(self, kind: AdapterKind) -> bool {
        match self {
            Self::SoftwareGpu => kind == AdapterKind::SoftwareGpu,
            Self::Gpu => kind != AdapterKind::Cpu && kind != AdapterKind::SoftwareGpu,
            Self::Auto | Self::Cpu => kind != AdapterKind::SoftwareGpu,
        }
    }

    /// Why there is no device of this choice.
    fn none(self) -> Error {
        let message = match self {
            Self::SoftwareGpu => "there is no imitated GPU on this machine",
            Self::Auto | Self::Cpu | Self::Gpu => "there is no GPU on this machine that Ambit can use",
        };
        Error::NoDevice(message.to_owned())
    }
}

fn open_gpu(device: &ComputeDevice, cache: Option<&Path>) -> Result<Device> {
    configure(cache);
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, handle)) = opened.iter().find(|(other, _)| other == device) {
        return Ok(handle.clone());
    }
    let interface = INTERFACES
        .iter()
        .find(|(backend, _)| Some(backend.to_str()) == device.interface.as_deref())
        .map_or(WgpuBackend::Auto, |(_, interface)| *interface);
    let kind = match device.kind {
        AdapterKind::DiscreteGpu => burn::tensor::DeviceKind::DiscreteGpu(device.index),
        AdapterKind::IntegratedGpu => burn::tensor::DeviceKind::IntegratedGpu(device.index),
        AdapterKind::VirtualGpu => burn::tensor::DeviceKind::VirtualGpu(device.index),
        AdapterKind::Cpu | AdapterKind::SoftwareGpu => burn::tensor::DeviceKind::Cpu,
    };
    let handle = Device::wgpu_options()
        .device_kind(kind)
        .graphics_api(interface)
        .init()
        .map_err(|error| Error::NoDevice(format!("{device} cannot be opened: {error}")))?;
    opened.push((device.clone(), handle.clone()));
    Ok(handle)
}

/// Keeps cubecl from looking for configuration in the working directory, and from leaving its cache there. Only the first
/// call of a process has an effect.
fn configure(cache: Option<&Path>) {
    let mut configuration = CubeClRuntimeConfig::default();
    let folder = cache.map_or_else(std::env::temp_dir, Path::to_path_buf);
    configuration.environment.path = CacheConfig::Directory(folder);
    if !CubeClRuntimeConfig::try_set(configuration) {
        tracing::debug!("the GPU's runtime was configured before");
    }
}
