import type { Candidate, FillEntry, FormField, Proposal } from './types';

/** What the person has made of a proposal until now. */
export interface Draft {
  field: FormField;
  proposal: Proposal;
  isTicked: boolean;
  value: string;
}

/** What is shown of the proposals at first, for those fields that get something. */
export function draftsOf(fields: readonly FormField[], proposals: readonly Proposal[]): Draft[] {
  return paired(fields, proposals).flatMap(({ field, proposal }) => {
    const [first, ...others] = proposal.candidates;
    if (!first) return [];
    const value = others.length === 0 ? first.value : '';
    return [{ field, proposal, value, isTicked: proposal.isTicked && proposal.overwrites === null && value !== '' }];
  });
}

/** The fields that get nothing. */
export function leftOut(
  fields: readonly FormField[],
  proposals: readonly Proposal[],
): Pick<Draft, 'field' | 'proposal'>[] {
  return paired(fields, proposals).filter(({ proposal }) => proposal.candidates.length === 0);
}

/** What is filled in when the person confirms. */
export function confirmed(drafts: readonly Draft[]): FillEntry[] {
  return drafts
    .filter(({ isTicked, value }) => isTicked && value !== '')
    .map(({ field, value }) => ({ id: field.id, value }));
}

/** The candidate that a value is of; null when the person wrote another. */
export function candidateOf({ proposal, value }: Draft): Candidate | null {
  return proposal.candidates.find((candidate) => candidate.value === value) ?? null;
}

function paired(fields: readonly FormField[], proposals: readonly Proposal[]): Pick<Draft, 'field' | 'proposal'>[] {
  const byField = new Map(proposals.map((proposal) => [proposal.field, proposal]));
  return fields.flatMap((field) => {
    const proposal = byField.get(field.id);
    return proposal ? [{ field, proposal }] : [];
  });
}
