// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../../contracts/interfaces/IOrganisations.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {ServiceAccounts} from "../../../contracts/metering/ServiceAccounts.sol";
import {Settlement} from "../../../contracts/metering/Settlement.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev Lets two organisations with two projects and three keys each be run, limited and used in random order, predicts each
/// settlement before it happens, and mirrors the state in ghosts. Every ten steps hold each action once.
contract OrganisationHandler is TestBase {
    enum Action {
        LimitOrganisation,
        SetProject,
        SetKey,
        RevokeKey,
        RevokeProjectKeys,
        RevokeAllKeys,
        Settle,
        MoveAdmin,
        MoveCredit,
        Warp
    }

    /// @dev What the ghosts know of a key, a project or an organisation; limits as they were given.
    struct Ghost {
        IOrganisations.Limits limits;
        uint256 burned;
    }

    uint256 public constant ACCOUNTS_COUNT = 2;
    uint256 public constant KEYS = 3;
    uint32 public constant PROJECTS = 2;
    uint256 public constant CANDIDATES = 3;
    address public constant RECIPIENT = address(0xCAFE);
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant EPOCH = 1 days;
    uint256 private constant PRICE = 3 gwei;
    uint256 private constant MAX_LIMIT = (2 ** 60 - 1) * 1 gwei;
    uint256 private constant FIRST_KEY = 0xB0B;

    OPAToken private immutable TOKEN;
    ServiceAccounts private immutable ACCOUNTS;
    Settlement private immutable SETTLEMENT;
    address private immutable PROVIDER;

    address[ACCOUNTS_COUNT] public accountAt;
    address[KEYS] public keyAt;
    Metering.Reason private _limitReason;
    uint256 private _allowance;

    uint256 public ghostBurnedByDead;
    mapping(address account => uint256 amount) public ghostCredit;
    mapping(address account => uint256 units) public ghostUnits;
    mapping(address account => uint256 generation) public ghostGeneration;
    mapping(address account => mapping(address candidate => bool admin)) public ghostAdmin;
    mapping(address account => mapping(address key => bool alive)) public ghostAlive;
    mapping(address account => mapping(address key => uint32 project)) public ghostProject;
    mapping(bytes32 id => Ghost ghost) private _ghosts;
    mapping(bytes32 id => mapping(uint256 epoch => uint256 amount)) public ghostSpent;
    mapping(Action action => uint256 count) public calls;
    mapping(Metering.Reason reason => uint256 count) public outcomes;

    constructor(OPAToken token, ServiceAccounts accounts, Settlement settlement, address provider) {
        TOKEN = token;
        ACCOUNTS = accounts;
        SETTLEMENT = settlement;
        PROVIDER = provider;
        token.approve(address(accounts), type(uint256).max);
        for (uint256 i = 0; i < KEYS; ++i) keyAt[i] = vm.addr(FIRST_KEY + ACCOUNTS_COUNT + i);
        for (uint256 i = 0; i < ACCOUNTS_COUNT; ++i) {
            address account = vm.addr(FIRST_KEY + i);
            accountAt[i] = account;
            ghostAdmin[account][account] = true;
            _ghosts[organisationId(account)].limits = _unlimited();
            for (uint32 project = 1; project <= PROJECTS; ++project) {
                vm.prank(account);
                accounts.openProject(account, _unlimited());
                _ghosts[projectId(account, project)].limits = _unlimited();
            }
        }
    }

    /// @dev Takes one action out of the bag of those that this round of ten has left.
    function step(uint256 seed, uint256 who, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        seed >>= 8;

        address account = accountAt[who % ACCOUNTS_COUNT];
        address key = keyAt[(who >> 8) % KEYS];
        uint32 project = uint32(1 + ((who >> 16) % PROJECTS));
        if (action <= uint256(Action.SetKey)) _set(Action(action), account, key, project, seed);
        else if (action <= uint256(Action.RevokeAllKeys)) _revoke(Action(action), account, key, project, seed);
        else if (action == uint256(Action.Settle)) _settleAll(account, project, seed, amount);
        else if (action == uint256(Action.MoveAdmin)) _moveAdmin(account, seed);
        else if (action == uint256(Action.MoveCredit)) _moveCredit(account, seed, amount);
        else vm.warp(block.timestamp + _bound(amount, 1, 2 days));
    }

    function candidateAt(address account, uint256 i) public pure returns (address) {
        return i == 0 ? account : address(uint160(0xAD0 + i));
    }

    function organisationId(address account) public pure returns (bytes32) {
        return keccak256(abi.encode(account));
    }

    function projectId(address account, uint32 project) public pure returns (bytes32) {
        return keccak256(abi.encode(account, project));
    }

    /// @dev With all keys revoked their records begin anew.
    function keyId(address account, address key) public view returns (bytes32) {
        return keccak256(abi.encode(account, ghostGeneration[account], key));
    }

    function ghostOf(bytes32 id) external view returns (Ghost memory) {
        return _ghosts[id];
    }

    function epochNow() public view returns (uint256) {
        return block.timestamp / EPOCH;
    }

    function _set(Action action, address account, address key, uint32 project, uint256 seed) private {
        IOrganisations.Limits memory limits = _limits(seed);
        bytes32 id = organisationId(account);
        vm.prank(_adminOf(account, seed));
        if (action == Action.LimitOrganisation) ACCOUNTS.limitOrganisation(account, limits);
        else if (action == Action.SetProject) {
            ACCOUNTS.setProject(account, project, limits);
            id = projectId(account, project);
        } else {
            if (seed % 3 == 0) project = 0;
            ACCOUNTS.setKey(account, key, project, IOrganisations.Role.Spender, limits);
            id = keyId(account, key);
            (ghostAlive[account][key], ghostProject[account][key]) = (true, project);
        }
        (_ghosts[id].limits, _ghosts[id].burned) = (limits, 0);
    }

    function _revoke(Action action, address account, address key, uint32 project, uint256 seed) private {
        if (action == Action.RevokeKey) {
            if (!ghostAlive[account][key]) _set(Action.SetKey, account, key, project, seed);
            vm.prank(seed % 2 == 0 ? key : _adminOf(account, seed));
            ACCOUNTS.revokeKey(account, key);
            ghostAlive[account][key] = false;
            return;
        }
        vm.prank(_adminOf(account, seed));
        if (action == Action.RevokeProjectKeys) ACCOUNTS.revokeProjectKeys(account, project);
        else {
            ACCOUNTS.revokeAllKeys(account);
            ++ghostGeneration[account];
        }
        for (uint256 i = 0; i < KEYS; ++i) {
            bool isConcerned = action == Action.RevokeAllKeys || ghostProject[account][keyAt[i]] == project;
            if (isConcerned) ghostAlive[account][keyAt[i]] = false;
        }
    }

    /// @dev An admin comes by nomination or goes, and the last one cannot.
    function _moveAdmin(address account, uint256 seed) private {
        address candidate = candidateAt(account, seed % CANDIDATES);
        address admin = _adminOf(account, seed >> 8);
        uint256 admins = ACCOUNTS.organisationOf(account).admins;
        if (!ghostAdmin[account][candidate]) {
            vm.prank(admin);
            ACCOUNTS.nominateAdmin(account, candidate);
            vm.prank(candidate);
            ACCOUNTS.acceptAdmin(account);
            ghostAdmin[account][candidate] = true;
            return;
        }
        if (admins == 1) {
            vm.expectRevert(abi.encodeWithSelector(IOrganisations.OrganisationsLastAdmin.selector, account, candidate));
        } else ghostAdmin[account][candidate] = false;
        vm.prank(admin);
        ACCOUNTS.removeAdmin(account, candidate);
    }

    /// @dev Anybody deposits, an admin withdraws, and nobody else does.
    function _moveCredit(address account, uint256 seed, uint256 amount) private {
        amount = _bound(amount, 1, 100_000 gwei);
        ACCOUNTS.deposit(account, amount);
        ghostCredit[account] += amount;
        address stranger = keyAt[seed % KEYS];
        if (!ghostAdmin[account][account] && seed % 2 == 0) stranger = account;
        vm.expectRevert(abi.encodeWithSelector(IOrganisations.OrganisationsNotAdmin.selector, account, stranger));
        vm.prank(stranger);
        ACCOUNTS.withdraw(account, stranger, amount);
        vm.prank(_adminOf(account, seed));
        ACCOUNTS.withdraw(account, RECIPIENT, (amount + 1) / 2);
        ghostCredit[account] -= (amount + 1) / 2;
    }

    /// @dev Every signer in turn, most of them with rights and with credit to use.
    function _settleAll(address account, uint32 project, uint256 seed, uint256 amount) private {
        ACCOUNTS.deposit(account, 20_000 gwei);
        ghostCredit[account] += 20_000 gwei;
        for (uint256 i = 0; i <= KEYS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            if (i < KEYS && !ghostAlive[account][keyAt[i]] && random % 4 != 0) {
                _set(Action.SetKey, account, keyAt[i], project, random >> 2);
            }
            _settle(account, i, random >> 2, amount >> (8 * i));
        }
    }

    /// @dev Predicts, settles, compares; then what was really taken counts in the ghosts.
    function _settle(address account, uint256 index, uint256 seed, uint256 units) private {
        address signer = index == KEYS ? account : keyAt[index]; // the last one is the account itself
        uint256 signingKey = index < KEYS ? FIRST_KEY + ACCOUNTS_COUNT + index : FIRST_KEY;
        if (index == KEYS && account != accountAt[0]) ++signingKey;
        Metering.Reason expected = _signerReason(account, signer);
        _measure(account, signer);
        units = _bound(units, 1, 8_000);
        if (seed % 3 == 0 && _allowance / PRICE < 1e6) units = _allowance / PRICE + ((seed >> 8) % 2);
        if (units == 0) units = 1;
        Metering.Reason line = _lineReason(account, units * PRICE);
        if (expected == Metering.Reason.None) ++outcomes[line];
        else ++outcomes[expected];

        uint256 before = ACCOUNTS.creditOf(account);
        ISettlement.StatementResult memory result = SETTLEMENT.settle(_sign(account, signingKey, units))[0];
        uint256 burned = before - ACCOUNTS.creditOf(account);

        vm.assertTrue(result.reason == expected, "ACC-I2: reason");
        if (expected == Metering.Reason.None) {
            vm.assertTrue(result.reasons[0] == line, "ACC-I2: reason of the line");
        } else vm.assertEq(burned, 0, "ACC-I5: burned without a living key");
        vm.assertEq(burned, expected == line ? units * PRICE : 0, "ACC-I2: burned");
        if (burned != 0) _count(account, signer, burned, units);
    }

    /// @dev Counts what left the credit, and looks at once whether the limits still hold.
    function _count(address account, address signer, uint256 burned, uint256 units) private {
        uint256 epoch = epochNow();
        ghostCredit[account] -= burned;
        ghostUnits[account] += units;
        _spend(organisationId(account), epoch, burned);
        vm.assertLe(
            ghostSpent[organisationId(account)][epoch],
            _ghosts[organisationId(account)].limits.epochLimit,
            "ACC-I2: epoch of the organisation"
        );
        if (signer == account) return;
        if (!ghostAlive[account][signer]) ghostBurnedByDead += burned;
        bytes32 id = keyId(account, signer);
        _spend(id, epoch, burned);
        vm.assertLe(ghostSpent[id][epoch], _ghosts[id].limits.epochLimit, "ACC-I2: epoch of the key");
        if (ghostProject[account][signer] == 0) return;
        id = projectId(account, ghostProject[account][signer]);
        _spend(id, epoch, burned);
        vm.assertLe(ghostSpent[id][epoch], _ghosts[id].limits.epochLimit, "ACC-I2: epoch of the project");
    }

    function _spend(bytes32 id, uint256 epoch, uint256 burned) private {
        ghostSpent[id][epoch] += burned;
        _ghosts[id].burned += burned;
    }

    /// @dev The least that any limit leaves the signer, and the reason that goes with it; ties go to the lower code.
    function _measure(address account, address signer) private {
        (_allowance, _limitReason) = (type(uint256).max, Metering.Reason.InsufficientCredit);
        if (signer != account) {
            _tighten(keyId(account, signer), Metering.Reason.KeyLimitExceeded, Metering.Reason.KeyTotalExceeded);
            if (ghostProject[account][signer] != 0) {
                _tighten(
                    projectId(account, ghostProject[account][signer]),
                    Metering.Reason.ProjectLimitExceeded,
                    Metering.Reason.ProjectTotalExceeded
                );
            }
        }
        _tighten(
            organisationId(account),
            Metering.Reason.OrganisationLimitExceeded,
            Metering.Reason.OrganisationTotalExceeded
        );
    }

    function _tighten(bytes32 id, Metering.Reason epochReason, Metering.Reason totalReason) private {
        Ghost storage ghost = _ghosts[id];
        uint256 spent = ghostSpent[id][epochNow()];
        uint256 room = spent < ghost.limits.epochLimit ? ghost.limits.epochLimit - spent : 0;
        uint256 left = ghost.limits.totalLimit < ghost.burned ? 0 : ghost.limits.totalLimit - ghost.burned;
        if (room < _allowance) (_allowance, _limitReason) = (room, epochReason);
        if (left < _allowance) (_allowance, _limitReason) = (left, totalReason);
    }

    function _lineReason(address account, uint256 amount) private view returns (Metering.Reason) {
        if (amount > _allowance) return _limitReason;
        return amount > ghostCredit[account] ? Metering.Reason.InsufficientCredit : Metering.Reason.None;
    }

    function _signerReason(address account, address signer) private view returns (Metering.Reason) {
        uint256 now_ = block.timestamp;
        if (signer == account) {
            if (!ghostAdmin[account][account]) return Metering.Reason.KeyUnknown;
        } else {
            if (!ghostAlive[account][signer]) return Metering.Reason.KeyUnknown;
            if (now_ > _ghosts[keyId(account, signer)].limits.expiresAt) return Metering.Reason.KeyExpired;
            uint32 project = ghostProject[account][signer];
            if (project != 0 && now_ > _ghosts[projectId(account, project)].limits.expiresAt) {
                return Metering.Reason.ProjectExpired;
            }
        }
        bool isOver = now_ > _ghosts[organisationId(account)].limits.expiresAt;
        return isOver ? Metering.Reason.OrganisationExpired : Metering.Reason.None;
    }

    function _sign(
        address account,
        uint256 signingKey,
        uint256 units
    ) private view returns (ISettlement.SignedStatement[] memory list) {
        Metering.Line[] memory lines = new Metering.Line[](1);
        lines[0] = Metering.Line(PROVIDER, 1, uint128(ghostUnits[account] + units));
        Metering.Statement memory statement = Metering.Statement(account, uint32(epochNow()), type(uint48).max, lines);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signingKey, SETTLEMENT.hashStatement(statement));
        list = new ISettlement.SignedStatement[](1);
        list[0] = ISettlement.SignedStatement(statement, vm.addr(signingKey), abi.encodePacked(r, s, v));
    }

    function _adminOf(address account, uint256 seed) private view returns (address admin) {
        uint256 i = seed % CANDIDATES;
        while (!ghostAdmin[account][candidateAt(account, i)]) i = (i + 1) % CANDIDATES;
        return candidateAt(account, i);
    }

    function _limits(uint256 seed) private view returns (IOrganisations.Limits memory limits) {
        limits = _unlimited();
        if ((seed >> 8) % 2 == 0) limits.epochLimit = (1 + ((seed >> 16) % 30_000)) * 1 gwei;
        if ((seed >> 9) % 2 == 0) limits.totalLimit = (1 + ((seed >> 48) % 60_000)) * 1 gwei;
        if ((seed >> 10) % 4 == 0) limits.expiresAt = uint48(block.timestamp + 1 + ((seed >> 80) % 3 days));
    }

    function _unlimited() private pure returns (IOrganisations.Limits memory) {
        return IOrganisations.Limits(MAX_LIMIT, MAX_LIMIT, type(uint32).max, 31);
    }
}
