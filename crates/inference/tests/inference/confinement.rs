use ambit_domain::Cancellation;
use ambit_inference::{DeviceChoice, Encoder, confine};

use crate::model;

/// Confinement cannot be undone, but it holds only for the thread that asks for it and for those that it starts.
#[test]
fn a_confined_thread_reads_the_model_and_nothing_else() {
    let folder = model::folder();
    let scratch = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let secret = scratch.path().join("secret");
    std::fs::write(&secret, "secret").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let cache_folder = cache.path().to_path_buf();
    std::thread::spawn(move || {
        let confinement = confine(&folder, &cache_folder).unwrap();
        let encoder = Encoder::load(&folder, DeviceChoice::Cpu).unwrap();
        let vectors = encoder.embed(&["inside".to_owned()], &Cancellation::new()).unwrap();
        assert_eq!(vectors[0].len(), 384);
        std::fs::write(cache_folder.join("kernel"), "compiled").unwrap();
        assert_eq!(confinement.files, std::fs::read(&secret).is_err(), "{confinement:?}");
        assert_eq!(confinement.files, std::fs::write(&secret, "changed").is_err(), "{confinement:?}");
        assert_eq!(confinement.network, std::net::TcpStream::connect(address).is_err(), "{confinement:?}");
    })
    .join()
    .unwrap();
}
