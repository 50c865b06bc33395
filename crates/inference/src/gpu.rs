//! The GPU as a decoder sees it: buffers, and programs in WGSL that run on them.
//!
//! The programs are our own instead of chains of burn's operations: a token passes some ten of them per layer, each of which
//! would be two or three operations that are allocated and dispatched one by one, and a small model would wait for the
//! dispatching more than for its weights. Where the weights are whole numbers, rows are rounded to 8 bits and multiplied as whole
//! numbers, as on the CPU.

mod matrix;
mod program;

use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use matrix::{Choices, GatedProduct, GatedRows, Matrix, Product, Rows, Tiles};
pub(crate) use program::{Constant, Program, Programs};

use crate::{Error, Result};

/// Storage buffers that the programs bind at once.
const STORAGE_BUFFERS: u32 = 9;
/// Threads of the largest group.
const THREADS: u32 = 256;

/// A device that was opened, and what went wrong on it.
pub(crate) struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    failure: Arc<Mutex<Option<Failure>>>,
    /// Whether 32 threads that stand side by side can exchange their numbers at once.
    has_subgroups: bool,
    /// Bytes that a test lets it have.
    #[cfg(test)]
    memory: Option<u64>,
}

#[derive(Debug, Clone)]
enum Failure {
    NoMemory,
    Other(String),
}

impl Failure {
    fn of(error: &wgpu::Error) -> Self {
        match error {
            wgpu::Error::OutOfMemory { .. } => Self::NoMemory,
            other => Self::Other(other.to_string()),
        }
    }

    /// Keeps the first failure, which the others come of.
    fn tell(self, told: &Mutex<Option<Self>>) {
        told.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(self);
    }
}

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Read and written by programs.
    Storage,
    /// Small, and the same for all threads of a program.
    Uniform,
    /// Copied to and read by the CPU.
    Reading,
}

impl Gpu {
    /// Opens a device with all that its adapter allows.
    pub(crate) fn open(adapter: &wgpu::Adapter) -> Result<Self> {
        Self::open_within(adapter, adapter.limits())
    }

    /// Opens a device within some limits.
    fn open_within(adapter: &wgpu::Adapter, limits: wgpu::Limits) -> Result<Self> {
        let info = adapter.get_info();
        if limits.max_storage_buffers_per_shader_stage < STORAGE_BUFFERS
            || limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x) < THREADS
        {
            return Err(Error::NoDevice(format!("{} is too small for language models", info.name)));
        }
        let has_subgroups = adapter.features().contains(wgpu::Features::SUBGROUP)
            && info.subgroup_min_size == 32
            && info.subgroup_max_size == 32;
        let descriptor = wgpu::DeviceDescriptor {
            required_features: if has_subgroups { wgpu::Features::SUBGROUP } else { wgpu::Features::empty() },
            required_limits: limits,
            ..wgpu::DeviceDescriptor::default()
        };
        let opened = ready(adapter.request_device(&descriptor));
        let (device, queue) = match opened {
            Some(Ok(opened)) => opened,
            Some(Err(error)) => return Err(Error::NoDevice(format!("{} cannot be opened: {error}", info.name))),
            None => return Err(Error::NoDevice(format!("{} does not answer", info.name))),
        };
        let failure = Arc::new(Mutex::new(None));
        let told = Arc::clone(&failure);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| Failure::of(&error).tell(&told)));
        let told = Arc::clone(&failure);
        device.set_device_lost_callback(move |_, message| {
            Failure::Other(format!("it was lost: {message}")).tell(&told);
        });
        Ok(Self {
            device,
            queue,
            failure,
            has_subgroups,
            #[cfg(test)]
            memory: None,
        })
    }

    /// A device whose programs can bind buffers of so many bytes at most.
    #[cfg(test)]
    pub(crate) fn open_small(adapter: &wgpu::Adapter, largest: u64) -> Result<Self> {
        Self::open_within(adapter, wgpu::Limits { max_storage_buffer_binding_size: largest, ..adapter.limits() })
    }

    /// The same device with so many bytes of memory.
    #[cfg(test)]
    pub(crate) fn with_memory(self, bytes: u64) -> Self {
        Self { memory: Some(bytes), ..self }
    }

    /// Bytes that are used of its memory.
    #[cfg(test)]
    pub(crate) fn used(&self) -> u64 {
        self.device.generate_allocator_report().map_or(0, |report| report.total_allocated_bytes)
    }

    /// Whether so many bytes more are more than there are.
    #[cfg(test)]
    fn is_full(&self, bytes: u64) -> bool {
        self.memory.is_some_and(|memory| self.used() + bytes > memory)
    }

    /// Has the device fail as if its driver had been reset.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.device.destroy();
    }

    /// What went wrong since the device was opened, if anything did.
    pub(crate) fn check(&self) -> Result<()> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(Failure::NoMemory) => Err(Error::DeviceFull),
            Some(Failure::Other(message)) => Err(Error::device(message)),
        }
    }

    /// Bytes of the largest buffer that a program can bind.
    pub(crate) fn largest_buffer(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
    }

    /// Threads of the largest group, a power of two.
    pub(crate) fn most_threads(&self) -> u32 {
        let limits = self.device.limits();
        let most = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x).min(1024);
        1 << most.ilog2()
    }

    /// Bytes that the threads of a group can share.
    fn group_memory(&self) -> u32 {
        self.device.limits().max_compute_workgroup_storage_size
    }

    /// Storage buffers that a program can bind.
    fn most_buffers(&self) -> usize {
        self.device.limits().max_storage_buffers_per_shader_stage as usize
    }

    /// A buffer of so many bytes, at least four, rounded up to whole vectors of four numbers.
    pub(crate) fn buffer(&self, bytes: u64, purpose: Use) -> wgpu::Buffer {
        #[cfg(test)]
        if self.is_full(bytes) {
            Failure::of(&wgpu::Error::OutOfMemory { source: "a test left it no more".into() }).tell(&self.failure);
        }
        let usage = match purpose {
            Use::Storage => wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
            Use::Uniform => wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            Use::Reading => wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        };
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes.max(16).next_multiple_of(16),
            usage,
            mapped_at_creation: false,
        })
    }

    /// A buffer of numbers.
    pub(crate) fn numbers(&self, numbers: &[f32]) -> wgpu::Buffer {
        let buffer = self.buffer(size_of_val(numbers) as u64, Use::Storage);
        self.write_numbers(&buffer, numbers);
        buffer
    }

    /// What a program needs to know once.
    pub(crate) fn uniform(&self, words: &[u32]) -> wgpu::Buffer {
        let buffer = self.buffer(size_of_val(words) as u64, Use::Uniform);
        self.write_words(&buffer, words);
        buffer
    }

    pub(crate) fn write(&self, buffer: &wgpu::Buffer, offset: u64, bytes: &[u8]) {
        self.queue.write_buffer(buffer, offset, bytes);
    }

    pub(crate) fn write_numbers(&self, buffer: &wgpu::Buffer, numbers: &[f32]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.write(buffer, 0, &bytes);
    }

    pub(crate) fn write_words(&self, buffer: &wgpu::Buffer, words: &[u32]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.write(buffer, 0, &bytes);
    }

    /// Binds buffers for a group of a program's bindings.
    pub(crate) fn bind(&self, program: &Program, group: usize, buffers: &[(u32, &wgpu::Buffer)]) -> wgpu::BindGroup {
        let entries: Vec<_> = buffers
            .iter()
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() })
            .collect();
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: program.layout(group),
            entries: &entries,
        })
    }

    /// Binds a part of a buffer as the only one of a group.
    pub(crate) fn bind_part(
        &self,
        program: &Program,
        group: usize,
        buffer: &wgpu::Buffer,
        offset: u64,
        bytes: NonZeroU64,
    ) -> wgpu::BindGroup {
        let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size: Some(bytes) });
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: program.layout(group),
            entries: &[wgpu::BindGroupEntry { binding: 0, resource }],
        })
    }

    /// Begins to write down work.
    pub(crate) fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// Hands work to the device.
    pub(crate) fn submit(&self, commands: wgpu::CommandBuffer) -> wgpu::SubmissionIndex {
        self.queue.submit([commands])
    }

    /// Hands on what was written into buffers, so that the copies on the way need not be kept.
    pub(crate) fn flush(&self) -> Result<()> {
        let submission = self.queue.submit([]);
        self.wait(submission)
    }

    /// Waits until work is done.
    pub(crate) fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<()> {
        self.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })
    }

    /// Lets the device go on. What went wrong is told before what came of it; a device that is lost makes the library panic.
    fn poll(&self, kind: wgpu::PollType) -> Result<()> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(kind)));
        self.check()?;
        polled.map_err(|_| Error::device("it was lost"))?.map_err(Error::device)?;
        Ok(())
    }

    /// Buffers for programs of so many bytes each, if there is memory for all.
    pub(crate) fn try_buffers(&self, sizes: &[u64]) -> Option<Vec<wgpu::Buffer>> {
        #[cfg(test)]
        if self.is_full(sizes.iter().map(|bytes| bytes.next_multiple_of(1024)).sum()) {
            return None;
        }
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffers = sizes.iter().map(|bytes| self.buffer(*bytes, Use::Storage)).collect();
        ready(scope.pop())?.is_none().then_some(buffers)
    }

    /// The numbers in a buffer for reading, once the work before is done.
    pub(crate) fn read(&self, buffer: &wgpu::Buffer, count: usize) -> Result<Vec<f32>> {
        let bytes = (count * size_of::<f32>()) as u64;
        let mapped = Arc::new(Mutex::new(None));
        let told = Arc::clone(&mapped);
        buffer.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        self.poll(wgpu::PollType::wait_indefinitely())?;
        match mapped.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(Error::device(error)),
            None => return Err(Error::device("it did not hand over what it computed")),
        }
        let numbers = {
            let view = buffer.get_mapped_range(0..bytes).map_err(Error::device)?;
            let (numbers, _) = view.as_chunks::<4>();
            numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
        };
        buffer.unmap();
        Ok(numbers)
    }
}

/// The result of a future that never waits: off the web, wgpu answers at once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests;
