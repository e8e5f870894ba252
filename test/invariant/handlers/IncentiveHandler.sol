// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestations} from "../../../contracts/incentives/Attestations.sol";
import {IncentivePool} from "../../../contracts/incentives/IncentivePool.sol";
import {IAttestations} from "../../../contracts/interfaces/IAttestations.sol";
import {IIncentivePool} from "../../../contracts/interfaces/IIncentivePool.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {ServiceAccounts} from "../../../contracts/metering/ServiceAccounts.sol";
import {Settlement} from "../../../contracts/metering/Settlement.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev An adversary with consumers, providers, one of two verifiers, all strangers' calls and the clock, beside an honest
/// consumer and provider. Every thirteen steps hold each action once; each predicts what it can and mirrors what it did.
contract IncentiveHandler is TestBase {
    enum Action {
        Settle,
        SettleHonestly,
        Warp,
        Pause,
        Close,
        Book,
        Claim,
        ClaimTo,
        ClaimToStake,
        Return,
        Donate,
        Attest,
        Forge
    }

    /// @dev Consumers and providers 0 and 1 are the adversary's, 2 are honest.
    uint256 public constant PEOPLE = 3;
    uint256 public constant HONEST = 2;
    uint32 private constant RESOURCE = 1;
    uint256 private constant PRICE = 3 gwei;
    uint256 private constant EPOCH = 1 days;
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant DISHONEST_VERIFIER = 101;
    uint256 private constant HONEST_VERIFIER = 102;
    /// @dev Where the adversary's rewards and attested contributions go.
    address public constant PURSE = address(0xBAD);
    address public constant GIFTED = address(0x61F7);

    OPAToken private immutable TOKEN;
    Settlement private immutable SETTLEMENT;
    IncentivePool private immutable POOL;
    Attestations private immutable ATTESTATIONS;

    address[PEOPLE] public providers;
    address[PEOPLE] public consumers;
    uint256 private _evidence;
    uint32[] private _epochs;

    uint256 public ghostBurned;
    uint256 public ghostBurnedByAdversary;
    uint256 public ghostClaimed;
    uint256 public ghostReturned;
    uint256 public ghostFunded;
    uint256 public ghostUnabsorbed;
    mapping(address account => uint256 amount) public ghostReceived;
    mapping(address provider => uint256 amount) public ghostThrough;
    mapping(uint32 epoch => uint256 amount) public ghostBurnedIn;
    mapping(uint32 epoch => uint256 points) public ghostPointsIn;
    mapping(uint32 epoch => IIncentivePool.Epoch record) private _closed;
    mapping(address consumer => mapping(address provider => uint128 units)) private _units;
    mapping(Action action => uint256 count) public calls;

    constructor(
        OPAToken token,
        ServiceAccounts accounts,
        Settlement settlement,
        IncentivePool pool,
        Attestations attestations,
        address[PEOPLE] memory providers_
    ) {
        TOKEN = token;
        SETTLEMENT = settlement;
        POOL = pool;
        ATTESTATIONS = attestations;
        providers = providers_;
        for (uint256 i = 0; i < PEOPLE; ++i) consumers[i] = vm.addr(i + 1);
        token.approve(address(accounts), type(uint256).max);
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        _act(Action(action), seed >> 8, amount);
        _remember();
    }

    function epochs() external view returns (uint32[] memory list) {
        return _epochs;
    }

    function closed(uint32 epoch) external view returns (IIncentivePool.Epoch memory record) {
        return _closed[epoch];
    }

    /// @dev Everybody who can earn anything.
    function earners() public view returns (address[] memory list) {
        list = new address[](PEOPLE + 1);
        for (uint256 i = 0; i < PEOPLE; ++i) list[i] = providers[i];
        list[PEOPLE] = GIFTED;
    }

    function _act(Action action, uint256 seed, uint256 amount) private {
        if (action == Action.Settle) _settle(seed % HONEST, (seed >> 8) % PEOPLE, amount);
        else if (action == Action.SettleHonestly) _settle(HONEST, HONEST, amount);
        else if (action == Action.Warp) vm.warp(block.timestamp + _bound(amount, 1, 3 days));
        else if (action == Action.Pause) vm.warp(block.timestamp + _bound(amount, 1, 500 days));
        else if (action == Action.Close) POOL.closeEpoch();
        else if (action == Action.Book) POOL.book(earners());
        else if (action == Action.Donate) _donate(amount);
        else if (action == Action.Attest) _attest(seed);
        else if (action == Action.Forge) _forge();
        else _take(action, earners()[seed % (PEOPLE + 1)]);
    }

    function _settle(uint256 consumer, uint256 provider, uint256 amount) private {
        uint256 units = _bound(amount, 1, 1e9);
        (address account, address node) = (consumers[consumer], providers[provider]);
        _units[account][node] += uint128(units);
        Metering.Line[] memory lines = new Metering.Line[](1);
        lines[0] = Metering.Line(node, RESOURCE, _units[account][node]);
        uint32 epoch = POOL.currentEpoch();
        Metering.Statement memory statement = Metering.Statement(account, epoch, type(uint48).max, lines);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(consumer + 1, SETTLEMENT.hashStatement(statement));
        ISettlement.SignedStatement[] memory list = new ISettlement.SignedStatement[](1);
        list[0] = ISettlement.SignedStatement(statement, account, abi.encodePacked(r, s, v));

        uint256 burned = SETTLEMENT.settle(list)[0].burned;

        vm.assertEq(burned, units * PRICE, "settled");
        ghostBurned += burned;
        ghostThrough[node] += burned;
        if (ghostBurnedIn[epoch] == 0) _epochs.push(epoch);
        ghostBurnedIn[epoch] += burned;
        if (consumer != HONEST) ghostBurnedByAdversary += burned;
    }

    function _donate(uint256 amount) private {
        amount = _bound(amount, 1, 100 ether);
        TOKEN.transfer(address(POOL), amount);
        ghostUnabsorbed += amount;
        if (amount % 3 == 0) return;

        vm.assertEq(POOL.absorb(), ghostUnabsorbed, "INC-I8: absorbed");
        ghostFunded += ghostUnabsorbed;
        ghostUnabsorbed = 0;
    }

    /// @dev INC-I2: what is taken is what could be claimed, once.
    function _take(Action action, address account) private {
        uint256 claimable = POOL.claimableOf(account);
        bool isProvider = account != GIFTED;
        if (action == Action.ClaimToStake && !isProvider) action = Action.ClaimTo;
        if (action == Action.Return && block.timestamp < POOL.returnableAt(account)) action = Action.Claim;
        if (claimable != 0) {
            uint256 taken = _takeAs(action, account);
            vm.assertEq(taken, claimable, "INC-I2: taken");
            if (action == Action.Return) {
                ghostReturned += taken;
            } else {
                ghostClaimed += taken;
                ghostReceived[account] += taken;
            }
        }
        vm.assertEq(POOL.claimableOf(account), 0, "INC-I2: left");
        vm.expectRevert(abi.encodeWithSelector(IIncentivePool.IncentivePoolNothingToClaim.selector, account));
        POOL.claim(account);
    }

    function _takeAs(Action action, address account) private returns (uint256 taken) {
        if (action == Action.Claim) return POOL.claim(account);
        if (action == Action.Return) return POOL.returnUnclaimed(account);
        vm.prank(account);
        return action == Action.ClaimTo ? POOL.claimTo(PURSE) : POOL.claimToStake();
    }

    /// @dev INC-I10: both verifiers sign for what the adversary's account really contributed.
    function _attest(uint256 seed) private {
        IAttestations.Attestation memory attestation = _draft(1 + (seed % 5));
        (address[] memory signers, bytes[] memory signatures) = _sign(attestation, DISHONEST_VERIFIER, HONEST_VERIFIER);
        if (10 * attestation.units > ATTESTATIONS.pointsLeft(1, GIFTED)) return;

        ATTESTATIONS.attest(attestation, signers, signatures);
        ghostPointsIn[POOL.currentEpoch()] += 10 * attestation.units;
    }

    /// @dev INC-I10: one verifier alone, signing twice, gets nothing recorded.
    function _forge() private {
        if (ATTESTATIONS.pointsLeft(1, GIFTED) < 10) return;

        IAttestations.Attestation memory attestation = _draft(1);
        (address[] memory signers, bytes[] memory signatures) = _sign(
            attestation,
            DISHONEST_VERIFIER,
            DISHONEST_VERIFIER
        );
        vm.expectRevert(abi.encodeWithSelector(IAttestations.AttestationsUnorderedSigner.selector, signers[1]));
        ATTESTATIONS.attest(attestation, signers, signatures);
    }

    function _draft(uint256 units) private returns (IAttestations.Attestation memory attestation) {
        return IAttestations.Attestation(1, GIFTED, uint64(units), bytes32(++_evidence), type(uint48).max);
    }

    /// @dev Keeps the first record that is seen of each finished epoch (INC-I3).
    function _remember() private {
        uint256 count = _epochs.length;
        for (uint256 i = count; i > 0 && count - i < 3; --i) {
            uint32 epoch = _epochs[i - 1];
            if (epoch < POOL.currentEpoch() && _closed[epoch].burned == 0) _closed[epoch] = POOL.epochOf(epoch);
        }
    }

    function _sign(
        IAttestations.Attestation memory attestation,
        uint256 left,
        uint256 right
    ) private view returns (address[] memory signers, bytes[] memory signatures) {
        if (vm.addr(left) > vm.addr(right)) (left, right) = (right, left);
        (signers, signatures) = (new address[](2), new bytes[](2));
        bytes32 digest = ATTESTATIONS.hashAttestation(attestation);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 key = i == 0 ? left : right;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
            (signers[i], signatures[i]) = (vm.addr(key), abi.encodePacked(r, s, v));
        }
    }
}
