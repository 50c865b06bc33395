// The host's types by their own names.
import type { components } from '../bindings/api';

type Schemas = components['schemas'];

export type Answer = Schemas['Answer'];
export type AskEvent = Schemas['AskEvent'];
export type AuditRecord = Schemas['AuditRecord'];
export type Citation = Schemas['Citation'];
export type DocumentDetail = Schemas['DocumentDetail'];
export type DocumentState = Schemas['DocumentState'];
export type DocumentStatus = Schemas['DocumentStatus'];
export type EditSession = Schemas['EditSession'];
export type Fit = Schemas['Fit'];
export type GraphResult = Schemas['GraphResult'];
export type Hit = Schemas['Hit'];
export type ImportEvent = Schemas['ImportEvent'];
export type ImportReport = Schemas['ImportReport'];
export type IndexProgress = Schemas['IndexProgress'];
export type Memory = Schemas['Memory'];
export type MemoryKind = Schemas['MemoryKind'];
export type MemoryScope = Schemas['MemoryScope'];
export type Model = Schemas['Model'];
export type ModelList = Schemas['ModelList'];
export type Problem = Schemas['Problem'];
export type Provider = Schemas['Provider'];
export type ProviderKind = Schemas['ProviderKind'];
export type PullEvent = Schemas['PullEvent'];
export type Root = Schemas['Root'];
export type Session = Schemas['Session'];
export type SessionDetail = Schemas['SessionDetail'];
export type Setting = Schemas['Setting'];
export type Span = Schemas['Span'];
export type Status = Schemas['Status'];
export type Transmission = Schemas['Transmission'];
export type Turn = Schemas['Turn'];
