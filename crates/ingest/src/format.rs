use std::path::Path;

use ambit_syntax::Language;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Running text.
    Text,
    /// Text that is made of lines: logs, tables, data, configuration.
    Lines,
    Markdown,
    Html,
    Pdf,
    Docx,
    Pptx,
    Xlsx,
    Epub,
    Notebook,
    Code(Language),
}

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    /// The format.
    Known(Format),
    /// Nothing; the bytes have to tell whether it is text.
    Unknown,
    /// A document in a format that is not read.
    Unread,
    /// Images, archives, programs: nothing to read, and nothing to tell about it.
    NotText,
}

impl Format {
    /// Whether the bytes of a file are far more than its text.
    pub(crate) fn is_packed(self) -> bool {
        matches!(self, Self::Pdf | Self::Docx | Self::Pptx | Self::Xlsx | Self::Epub)
    }
}

/// What the name of a file says about its format.
pub(crate) fn guess(path: &Path) -> Guess {
    if let Some(language) = Language::from_path(path) {
        return Guess::Known(Format::Code(language));
    }
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else {
        return Guess::Unknown;
    };
    let extension = extension.to_ascii_lowercase();
    let format = match extension.as_str() {
        "md" | "markdown" | "mkd" | "mdown" | "mdx" | "qmd" | "rmd" => Format::Markdown,
        "html" | "htm" | "xhtml" | "shtml" => Format::Html,
        "pdf" => Format::Pdf,
        "docx" | "docm" => Format::Docx,
        "pptx" | "pptm" => Format::Pptx,
        "xlsx" | "xlsm" => Format::Xlsx,
        "epub" => Format::Epub,
        "ipynb" => Format::Notebook,
        "txt" | "text" | "rst" | "adoc" | "asciidoc" | "org" | "tex" | "textile" | "typ" | "srt" | "vtt" => {
            Format::Text
        }
        "log" | "csv" | "tsv" | "json" | "jsonl" | "ndjson" | "json5" | "yaml" | "yml" | "toml" | "xml" | "ini"
        | "cfg" | "conf" | "properties" | "sql" | "sh" | "bash" | "zsh" | "fish" | "ps1" | "bat" | "css" | "scss"
        | "less" | "proto" | "graphql" | "tf" | "nix" | "cmake" | "mk" | "gradle" | "kt" | "kts" | "swift" | "rb"
        | "php" | "cs" | "scala" | "clj" | "ex" | "exs" | "erl" | "hs" | "ml" | "lua" | "r" | "jl" | "pl" | "dart"
        | "zig" | "vue" | "svelte" | "wgsl" | "glsl" | "hlsl" | "cu" | "m" | "mm" | "asm" | "s" | "bib" | "ics"
        | "vcf" | "eml" => Format::Lines,
        _ if is_unread(&extension) => return Guess::Unread,
        _ => return if is_not_text(&extension) { Guess::NotText } else { Guess::Unknown },
    };
    Guess::Known(format)
}

/// Documents that a person would expect to find, and the reason why not is to be told.
fn is_unread(extension: &str) -> bool {
    matches!(
        extension,
        "doc"
            | "ppt"
            | "xls"
            | "xlsb"
            | "odt"
            | "ods"
            | "odp"
            | "pages"
            | "numbers"
            | "key"
            | "rtf"
            | "mobi"
            | "azw"
            | "azw3"
            | "djvu"
            | "msg"
            | "pst"
    )
}

fn is_not_text(extension: &str) -> bool {
    matches!(
        extension,
        // images and fonts
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "bmp" | "ico" | "icns" | "tif" | "tiff" | "heic" | "svg" | "psd" | "xcf"
        | "raw" | "cr2" | "nef" | "ai" | "eps" | "sketch" | "fig" | "woff" | "woff2" | "ttf" | "otf" | "eot"
        // sound and film
        | "mp3" | "m4a" | "aac" | "ogg" | "opus" | "flac" | "wav" | "mid" | "mp4" | "m4v" | "mkv" | "mov" | "avi" | "webm" | "wmv"
        // archives and disk images
        | "zip" | "gz" | "tgz" | "bz2" | "xz" | "zst" | "7z" | "rar" | "tar" | "lz4" | "iso" | "img" | "dmg" | "vdi" | "vmdk" | "qcow2"
        | "deb" | "rpm" | "apk" | "msi" | "cab" | "whl" | "jar" | "war" | "crate" | "nupkg" | "snap" | "appimage" | "vsix" | "xpi"
        // programs and what compilers leave
        | "exe" | "dll" | "so" | "dylib" | "a" | "lib" | "o" | "obj" | "rlib" | "rmeta" | "class" | "pyc" | "pyo" | "pyd" | "wasm" | "elf"
        | "bin" | "dat" | "d" | "pdb" | "map" | "dwo" | "ilk" | "node" | "beam" | "hi" | "gch" | "pch"
        // data that only programs read
        | "db" | "sqlite" | "sqlite3" | "db-wal" | "db-shm" | "mdb" | "parquet" | "arrow" | "feather" | "orc" | "avro" | "npy" | "npz"
        | "pkl" | "pickle" | "pt" | "pth" | "onnx" | "safetensors" | "gguf" | "h5" | "hdf5" | "tflite" | "lance" | "mmdb" | "bak"
        // what editors and browsers leave behind
        | "swp" | "swo" | "swx" | "tmp" | "temp" | "part" | "crdownload" | "lock" | "pid" | "sock" | "lnk" | "blend" | "dwg" | "stl" | "glb"
    )
}
