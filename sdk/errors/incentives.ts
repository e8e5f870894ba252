import { REMEDY, type ErrorTexts } from "./texts.js";

/** Errors of incentives: vault, pool, attestations. */
export const INCENTIVE_ERRORS: ErrorTexts = {
  "IncentivePoolActive(address account)": [
    "{account} contributes in the running epoch, so its reward stays.",
    "Try again when it has stopped.",
  ],
  "IncentivePoolInvalidLimit(uint256 limit, uint256 maximum)": [
    "A limit of claims of {limit:opa} is not above zero and up to {maximum:opa}.",
    REMEDY.deployment,
  ],
  "IncentivePoolInvalidPoints(address account, uint8 category, uint256 points)": [
    "{points} points for {category:contribution} cannot be recorded for {account}.",
    "Name an account, points, and a category with a share other than provision.",
  ],
  "IncentivePoolInvalidShares(uint256 sum)": [
    "The shares of the categories add up to {sum:share}.",
    "Make them add up to 100%.",
  ],
  "IncentivePoolNotMeter(address caller)": [
    "{caller} is not the Meter, which alone books epochs.",
    "Nothing has to be sent: the Meter books by itself.",
  ],
  "IncentivePoolNotReleasing(uint32 epoch)": [
    "No points can be recorded in epoch {epoch}: another pool divides it, or nothing can be released.",
    "Use the pool that `bookOf` of the Meter names, or a later epoch.",
  ],
  "IncentivePoolPointsOverflow(uint8 category, uint256 points, uint256 maximum)": [
    "{points} points for {category:contribution} are too many; {maximum} still fit.",
    "Record fewer points.",
  ],
  "IncentivePoolTooEarly(address account, uint256 returnableAt)": [
    "The reward of {account} can be returned at {returnableAt:time}.",
    REMEDY.wait,
  ],
  "IncentivePoolZeroAddress()": ["An address is zero.", REMEDY.address],
  "IncentiveVaultGasTooLow(uint256 required)": [
    "The call has to leave {required} gas for the distributor.",
    REMEDY.gas,
  ],
  "IncentiveVaultInvalidStages(uint256 index)": [
    "Stage {index} of the release is wrong.",
    REMEDY.deployment,
  ],
  "IncentiveVaultZeroAddress()": ["An address is zero.", REMEDY.deployment],

  "AttestationsCapExceeded(address account, uint256 points, uint256 left)": [
    "{account} would get {points} points, and its cap leaves {left} in this epoch.",
    "Record the contribution in a later epoch.",
  ],
  "AttestationsExpired(uint48 deadline)": [
    "The attestation could be recorded until {deadline:time}.",
    "Have the verifiers sign a new one.",
  ],
  "AttestationsInvalidKind(string name)": [
    'The rules of kind "{name}" are not complete.',
    "Give a name, a category other than provision, points, a validity, and a cap of at least one unit.",
  ],
  "AttestationsInvalidPeriod(uint48 notBefore, uint48 deadline, uint32 longest)": [
    "The attestation is valid from {notBefore:time} to {deadline:time}, which is longer than {longest:span}.",
    "Have the verifiers sign a shorter time.",
  ],
  "AttestationsInvalidSignature(address signer)": [
    "The signature is not that of {signer} for this attestation.",
    "Check signatures with `isAttestationSigned` first.",
  ],
  "AttestationsInvalidSigner(address signer)": [
    "{signer} is no verifier of the kind, or the contributor itself.",
    "Use signatures of the kind's other verifiers.",
  ],
  "AttestationsInvalidThreshold(uint256 threshold, uint256 verifiers)": [
    "A threshold of {threshold} does not fit {verifiers} verifiers.",
    "Choose a threshold from 1 to the number of verifiers.",
  ],
  "AttestationsInvalidVerifier(address verifier)": [
    "Verifier {verifier} is zero, named twice, or one too many.",
    "Name each verifier once.",
  ],
  "AttestationsNoPool(uint32 epoch)": [
    "No pool divides epoch {epoch}.",
    "Try again once governance has set a pool.",
  ],
  "AttestationsRepeatedEvidence(uint32 kind, bytes32 evidence)": [
    "Evidence {evidence} was counted for kind {kind} before.",
    "Nothing is left to do.",
  ],
  "AttestationsTooEarly(uint48 notBefore)": [
    "The attestation can be recorded from {notBefore:time} on.",
    REMEDY.wait,
  ],
  "AttestationsUnknownKind(uint32 kind)": [
    "There is no kind {kind}, or it is retired.",
    "Check the number.",
  ],
  "AttestationsUnorderedSigner(address signer)": [
    "Signer {signer} is out of order.",
    "Put the signatures together with `collectSignatures`.",
  ],
  "AttestationsWrongSet(uint32 set, uint32 current)": [
    "The attestation is signed for set {set} of verifiers, and {current} is the present one.",
    "Have the present verifiers sign it.",
  ],
  "AttestationsWrongSignerCount(uint256 signers, uint256 signatures, uint256 threshold)": [
    "There are {signers} signers and {signatures} signatures, and {threshold} are asked for.",
    "Put the signatures together with `collectSignatures`.",
  ],
  "AttestationsZeroAddress()": ["An address is zero.", REMEDY.deployment],
};
