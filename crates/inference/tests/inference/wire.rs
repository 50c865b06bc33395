use ambit_domain::ErrorCode;
use ambit_domain::port::{EmbedPriority, Training, TrainingExample};
use ambit_inference::wire::{
    FRAME_LIMIT, ModelMemory, ModelState, Request, Response, Stats, VERSION, Vectors, WorkerMemory, read_frame,
    write_frame,
};
use ambit_inference::{DeviceChoice, Error};
use proptest::prelude::*;

fn requests() -> impl Strategy<Value = Request> {
    let priority = prop_oneof![Just(EmbedPriority::Background), Just(EmbedPriority::Interactive)];
    let device = prop_oneof![
        Just(DeviceChoice::Auto),
        Just(DeviceChoice::Cpu),
        Just(DeviceChoice::Gpu),
        Just(DeviceChoice::SoftwareGpu)
    ];
    prop_oneof![
        any::<u8>().prop_map(|version| Request::Hello { version }),
        (".{0,40}", device).prop_map(|(folder, device)| Request::Load { folder: folder.into(), device }),
        (any::<u64>(), priority, prop::collection::vec("\\PC{0,80}", 0..20))
            .prop_map(|(id, priority, texts)| Request::Embed { id, priority, texts }),
        (any::<u64>(), trainings()).prop_map(|(id, training)| Request::Train { id, training }),
        any::<u64>().prop_map(|id| Request::Cancel { id }),
        Just(Request::Unload),
        Just(Request::Stats),
        Just(Request::Shutdown),
    ]
}

fn trainings() -> impl Strategy<Value = Training> {
    let numbers = || prop::collection::vec(-2.0_f32..2.0, 0..6);
    let example = (numbers(), 0.0_f32..1.0, 0.0_f32..2.0).prop_map(|(features, label, weight)| TrainingExample {
        features,
        label,
        weight,
    });
    (prop::collection::vec(example, 0..8), numbers(), 0.1_f32..9.0).prop_map(|(examples, prior, hold)| Training {
        examples,
        prior,
        hold,
    })
}

fn responses() -> impl Strategy<Value = Response> {
    let vectors = (1_usize..8, 0_usize..5).prop_flat_map(|(dimensions, count)| {
        prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, dimensions), count)
    });
    prop_oneof![
        (any::<u8>(), any::<u32>()).prop_map(|(version, pid)| Response::Hello { version, pid }),
        (any::<u64>(), vectors).prop_map(|(id, vectors)| Response::Embedded { id, vectors: Vectors::pack(&vectors) }),
        (any::<Option<u64>>(), ".{0,40}", any::<Option<String>>())
            .prop_map(|(id, message, hint)| { Response::Failed { id, code: ErrorCode::Unavailable, message, hint } }),
        (any::<u64>(), prop::collection::vec(-9.0_f32..9.0, 0..6))
            .prop_map(|(id, weights)| Response::Trained { id, weights }),
        Just(Response::Unloaded),
        (any::<u64>(), any::<[u64; 2]>(), any::<bool>()).prop_map(|(encoder, [weights, texts], is_on_gpu)| {
            let state = if is_on_gpu { ModelState::Loading } else { ModelState::Working };
            let model = ModelMemory { folder: "/models/m".into(), state, is_on_gpu, weights, texts };
            Response::Memory(WorkerMemory { encoder, models: vec![model] })
        }),
        (any::<u64>(), any::<u64>(), any::<Option<String>>()).prop_map(|(resident_bytes, requests, model)| {
            Response::Stats(Stats { resident_bytes, requests, texts: 3, pending: 0, model })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn requests_arrive_as_they_were_sent(requests in prop::collection::vec(requests(), 0..6)) {
        let mut pipe = Vec::new();
        for request in &requests {
            write_frame(&mut pipe, request).unwrap();
        }
        let mut input = pipe.as_slice();
        for request in requests {
            prop_assert_eq!(read_frame::<Request>(&mut input).unwrap(), Some(request));
        }
        prop_assert_eq!(read_frame::<Request>(&mut input).unwrap(), None);
    }

    #[test]
    fn responses_arrive_as_they_were_sent(response in responses()) {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &response).unwrap();
        prop_assert_eq!(read_frame::<Response>(&mut pipe.as_slice()).unwrap(), Some(response));
    }

    #[test]
    fn any_bytes_give_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = read_frame::<Request>(&mut input) {}
    }

    #[test]
    fn a_frame_that_is_cut_off_is_an_error(request in requests(), cut in any::<prop::sample::Index>()) {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &request).unwrap();
        let cut = cut.index(pipe.len());
        let result = read_frame::<Request>(&mut &pipe[..cut]);
        if cut == 0 {
            prop_assert_eq!(result.unwrap(), None);
        } else {
            prop_assert!(matches!(result, Err(Error::Frame(_))), "{result:?}");
        }
    }

    #[test]
    fn a_frame_with_changed_bytes_never_panics(request in requests(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &request).unwrap();
        let at = at.index(pipe.len());
        pipe[at] = to;
        let mut input = pipe.as_slice();
        while let Ok(Some(_)) = read_frame::<Request>(&mut input) {}
    }
}

#[test]
fn a_frame_over_the_limit_is_refused_on_both_sides() {
    let texts = vec!["x".repeat(FRAME_LIMIT)];
    let error = write_frame(&mut Vec::new(), &Request::Embed { id: 1, priority: EmbedPriority::Background, texts });
    assert!(matches!(error, Err(Error::Frame(_))));
    let claim = u32::try_from(FRAME_LIMIT + 1).unwrap().to_le_bytes();
    let error = read_frame::<Request>(&mut claim.as_slice()).unwrap_err();
    assert!(error.to_string().contains("67108865 bytes"), "{error}");
    // An honest length without the bytes takes no memory for them.
    let claim = u32::try_from(FRAME_LIMIT).unwrap().to_le_bytes();
    assert!(matches!(read_frame::<Request>(&mut claim.as_slice()), Err(Error::Frame(_))));
}

#[test]
fn a_frame_of_another_version_is_named_as_such() {
    let mut pipe = Vec::new();
    write_frame(&mut pipe, &Request::Stats).unwrap();
    pipe[4] = VERSION + 1;
    assert!(matches!(
        read_frame::<Request>(&mut pipe.as_slice()),
        Err(Error::Version { ours: VERSION, theirs }) if theirs == VERSION + 1
    ));
}

#[test]
fn vectors_travel_as_they_are() {
    let vectors = vec![vec![0.5, -1.0e-30, f32::MIN_POSITIVE], vec![1.0, 0.0, -0.0]];
    let packed = Vectors::pack(&vectors);
    assert_eq!((packed.len(), packed.is_empty()), (2, false));
    assert_eq!(packed.unpack(), vectors);
    assert!(Vectors::pack(&[]).is_empty());
    assert!(Vectors::pack(&[]).unpack().is_empty());
}
