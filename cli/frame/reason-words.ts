import { reasonOf, type ReasonName } from "../../sdk/index.js";

/** Reasons of settlement in a sentence, with the remedy. */
const WORDS: Readonly<Record<ReasonName, string>> = {
  None: "It settles.",
  NoLines: "The statement has no line. Sign one that has.",
  TooManyLines: "The statement has too many lines. Sign several.",
  DeadlineExpired: "Its deadline is over. Sign it again.",
  PriceEpochAhead: "Its price epoch has not begun. Show it again when it has.",
  PriceEpochTooOld:
    "Its price epoch ended before the settlement window. Sign it again at a later epoch.",
  InvalidSignature:
    "The signature is not that of the signer for this statement on this chain. Sign it again.",
  LinesUnordered:
    "Its lines do not ascend by provider and resource. Sign it again with them in order.",
  KeyUnknown: 'The signer is no key of the account. An admin adds it with "opa key set".',
  KeyExpired: 'The key has expired. An admin extends it with "opa key set".',
  ProviderUnknown: "The provider never registered. Check its address.",
  ProviderInactive: "The provider does not serve now. Show it again when it does.",
  ResourceUnknown: 'No resource has this id. Check it against "opa prices".',
  ResourceUnpriced:
    "The resource had no price in this epoch. Sign it at an epoch in which it has one.",
  ResourceRetired: "The resource was retired before this epoch. Use another one.",
  CategoryNotServed:
    "The provider does not serve the category of the resource. Use another provider.",
  TierTooLow:
    "The tier of the account is too low for the resource. Lock more, or ask the registrar.",
  NothingNew: "The total is not above the settled one. Nothing is left to do.",
  KeyLimitExceeded:
    "The limit of the key for this epoch is used up. Show it again in the next epoch.",
  InsufficientCredit: 'The account has too little credit. Add some with "opa deposit".',
  CategoryNotAllowed:
    "The key, its project or the organisation may not use the category. An admin allows it.",
  KeyCannotSpend: "The key is a manager and cannot sign for use. Sign with a spender.",
  ProjectExpired: 'The project has expired. An admin extends it with "opa project".',
  OrganisationExpired: "The organisation's limits have expired. An admin renews them.",
  KeyTotalExceeded: 'The total limit of the key is used up. An admin raises it with "opa key set".',
  ProjectLimitExceeded:
    "The limit of the project for this epoch is used up. Show it again in the next epoch.",
  ProjectTotalExceeded:
    'The total limit of the project is used up. An admin raises it with "opa project".',
  OrganisationLimitExceeded:
    "The organisation's limit for this epoch is used up. Show it again in the next epoch.",
  OrganisationTotalExceeded: "The organisation's total limit is used up. An admin raises it.",
  SettlementPaused: "Settlement is paused. Show it again when the pause is over.",
  AccountRateLimited: "The burn limit of an account is reached. Show it again within a day.",
  SystemRateLimited: "The burn limit of all accounts is reached. Show it again within a day.",
  TotalFull: "The running total is full. Use another resource.",
};

/** A reason in words, with the remedy. */
export function reasonWords(code: bigint): string {
  return WORDS[reasonOf(code).name];
}
