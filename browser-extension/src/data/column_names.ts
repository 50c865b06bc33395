/** Words by which pages call the same, in the languages that most of them are in; the first is what they are known by here. */
const CONCEPTS = [
  'price cost costs amount preis kosten betrag prix cout precio coste prezzo costo prijs cena preco',
  'name title product item artikel produkt titel bezeichnung nom titre produit nombre titulo producto nome titolo prodotto naam',
  'date day when published posted datum tag veroffentlicht termin jour fecha dia data giorno',
  'link url address website web adresse lien enlace sito',
  'author by writer autor autorin verfasser auteur autore von',
  'rating stars score review reviews bewertung sterne note avis valoracion voto',
  'image picture photo bild foto imagen immagine',
  'time hour uhrzeit zeit heure hora ora',
  'place location city town venue ort stadt lieu ville lugar ciudad luogo',
  'quantity count number pieces menge anzahl stuck quantite cantidad quantita',
  'description summary text details beschreibung zusammenfassung resume descripcion descrizione',
  'company brand maker manufacturer firma marke hersteller marque marca empresa azienda',
  'category type kind kategorie typ art categorie tipo',
  'country land pays pais paese',
  'year jahr annee ano anno',
  'weight gewicht poids peso',
  'size grosse taille tamano dimensione',
  'colour color farbe couleur colore',
  'email mail e-mail',
  'phone telephone tel telefon telefono',
].map((concept) => concept.split(' '));

const BY_WORD = new Map(CONCEPTS.flatMap((concept) => concept.map((word) => [word, concept[0] ?? word] as const)));

/** The words of a column's name as they are compared: in lower case, without accents and the plural's s. */
export function words(name: string): string[] {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/([a-z])([A-Z])/g, '$1 $2');
  return (plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) =>
    word.length > 4 && !BY_WORD.has(word) ? word.replace(/s$/, '') : word,
  );
}

/** How surely two names mean the same, from 0 to 1: 1 where they are the same words. */
export function likeness(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return 0;
  if (one.join(' ') === other.join(' ')) return 1;
  const shared = one.filter((word) => other.includes(word)).length;
  const [fewer, more] = [Math.min(one.length, other.length), Math.max(one.length, other.length)];
  if (shared === fewer) return 0.6 + (0.3 * fewer) / more;
  const meant = (names: readonly string[]): Set<string> => new Set(names.flatMap((word) => BY_WORD.get(word) ?? []));
  const others = meant(other);
  const same = [...meant(one)].filter((concept) => others.has(concept)).length;
  if (same > 0) return 0.5 + (0.2 * same) / more;
  return shared > 0 ? (0.5 * shared) / more : 0;
}
