// Writes the extension as a `.vsix`: a zip file with a manifest, as VS Code's own packager makes it. The same sources give the
// same bytes.
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import yazl from 'yazl';

const FOLDER = fileURLToPath(new URL('../', import.meta.url));
/** What VS Code gets of this folder, beside its two licences. */
const PARTS = ['package.json', 'package.nls.json', 'package.nls.de.json', 'README.md', 'dist', 'l10n', 'media', 'page'];
const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT'];
const MOMENT = new Date('2020-01-01T00:00:00Z');
const TYPES = {
  '.json': 'application/json',
  '.js': 'application/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.md': 'text/markdown',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.vsixmanifest': 'text/xml',
};

const about = JSON.parse(await readFile(`${FOLDER}package.json`, 'utf8'));
const texts = JSON.parse(await readFile(`${FOLDER}package.nls.json`, 'utf8'));
const target = process.argv[2] ?? `${FOLDER}../../dist/ambit-${about.version}.vsix`;

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @param {string} part @returns {Promise<string[]>} */
async function files(part) {
  if (extname(part) !== '') return [part];
  const entries = await readdir(`${FOLDER}${part}`, { withFileTypes: true, recursive: true });
  const found = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  return found.map((path) => path.slice(FOLDER.length)).sort();
}

function manifest() {
  const description = escaped(texts[about.description.replaceAll('%', '')]);
  /** @param {string} id @param {string} value */
  const property = (id, value) => `<Property Id="Microsoft.VisualStudio.Code.${id}" Value="${escaped(value)}"/>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${about.name}" Version="${about.version}" Publisher="${about.publisher}"/>
    <DisplayName>${escaped(about.displayName)}</DisplayName>
    <Description xml:space="preserve">${description}</Description>
    <Tags>${escaped(about.keywords.join(','))}</Tags>
    <Categories>${escaped(about.categories.join(','))}</Categories>
    <Properties>
      ${property('Engine', about.engines.vscode)}
      ${property('ExtensionKind', about.extensionKind.join(','))}
      ${property('LocalizedLanguages', 'de')}
      ${property('ExecutesCode', 'true')}
    </Properties>
    <License>extension/LICENSE-APACHE.txt</License>
    <Icon>extension/${about.icon}</Icon>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE-APACHE.txt" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Icons.Default" Path="extension/${about.icon}" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

function types() {
  const defaults = Object.entries(TYPES).map(
    ([ending, type]) => `<Default Extension="${ending}" ContentType="${type}"/>`,
  );
  const opening = '<?xml version="1.0" encoding="utf-8"?>\n';
  return `${opening}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${defaults.join('')}</Types>\n`;
}

const zip = new yazl.ZipFile();
/** @param {string} name @param {string | Buffer} content */
const add = (name, content) => zip.addBuffer(Buffer.from(content), name, { mtime: MOMENT, mode: 0o100644 });

add('extension.vsixmanifest', manifest());
add('[Content_Types].xml', types());
for (const path of (await Promise.all(PARTS.map(files))).flat()) {
  if (!(extname(path) in TYPES)) throw new Error(`${path} is of a kind that the package has no type for`);
  add(`extension/${path}`, await readFile(`${FOLDER}${path}`));
}
for (const name of LICENCES) add(`extension/${name}.txt`, await readFile(`${FOLDER}../../${name}`));
zip.end();
await mkdir(dirname(target), { recursive: true });
await pipeline(zip.outputStream, createWriteStream(target));
