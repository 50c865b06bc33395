//! The terms that facts are written in: schema.org, PROV-O, and a namespace of our own for what they lack.

use oxigraph::model::NamedNodeRef;

/// Prefixes that a query may use without declaring them.
pub(crate) const PREFIXES: [(&str, &str); 6] = [
    ("ambit", "https://ambit.dev/ns#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("schema", "https://schema.org/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

macro_rules! terms {
    ($($name:ident = $iri:literal;)*) => {
        $(pub(crate) const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked($iri);)*
    };
}

/// Subject of the one fact that is about the store itself.
pub(crate) const STORE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:ambit:graph");

terms! {
    ABOUT = "https://schema.org/about";
    AUTHOR = "https://schema.org/author";
    CONTRIBUTOR = "https://schema.org/contributor";
    CONTENT_SIZE = "https://schema.org/contentSize";
    DATE_MODIFIED = "https://schema.org/dateModified";
    DIGITAL_DOCUMENT = "https://schema.org/DigitalDocument";
    EMAIL = "https://schema.org/email";
    HAS_PART = "https://schema.org/hasPart";
    IN_LANGUAGE = "https://schema.org/inLanguage";
    KEYWORDS = "https://schema.org/keywords";
    NAME = "https://schema.org/name";
    PERSON = "https://schema.org/Person";
    PROGRAMMING_LANGUAGE = "https://schema.org/programmingLanguage";
    SOURCE_CODE = "https://schema.org/SoftwareSourceCode";
    THING = "https://schema.org/Thing";
    URL = "https://schema.org/url";

    ACTIVITY = "http://www.w3.org/ns/prov#Activity";
    ENDED_AT = "http://www.w3.org/ns/prov#endedAtTime";
    ENTITY = "http://www.w3.org/ns/prov#Entity";
    GENERATED_AT = "http://www.w3.org/ns/prov#generatedAtTime";
    USED = "http://www.w3.org/ns/prov#used";
    WAS_DERIVED_FROM = "http://www.w3.org/ns/prov#wasDerivedFrom";
    WAS_GENERATED_BY = "http://www.w3.org/ns/prov#wasGeneratedBy";

    ANCHOR = "https://ambit.dev/ns#anchor";
    APPLIED = "https://ambit.dev/ns#applied";
    CALLS = "https://ambit.dev/ns#calls";
    CONTAINER = "https://ambit.dev/ns#container";
    DEFINES = "https://ambit.dev/ns#defines";
    IMPORTS = "https://ambit.dev/ns#imports";
    KIND = "https://ambit.dev/ns#kind";
    LAST_LINE = "https://ambit.dev/ns#lastLine";
    LEVEL = "https://ambit.dev/ns#level";
    LINE = "https://ambit.dev/ns#line";
    LINKS_TO = "https://ambit.dev/ns#linksTo";
    PAGE = "https://ambit.dev/ns#page";
    PATH = "https://ambit.dev/ns#path";
    PROPERTY = "https://ambit.dev/ns#property";
    SECTION = "https://ambit.dev/ns#Section";
    SEQUENCE = "https://ambit.dev/ns#sequence";
    SYMBOL = "https://ambit.dev/ns#Symbol";
    WITHIN = "https://ambit.dev/ns#within";
}

/// Terms of other vocabularies that every query knows by other names.
pub(crate) mod foreign {
    use oxigraph::model::NamedNodeRef;

    /// `rdf:type`.
    pub(crate) const TYPE: NamedNodeRef<'static> = oxigraph::model::vocab::rdf::TYPE;
    /// `xsd:dateTime`.
    pub(crate) const DATE_TIME: NamedNodeRef<'static> = oxigraph::model::vocab::xsd::DATE_TIME;
}
