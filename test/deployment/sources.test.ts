import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { expect } from "chai";
import hre, { network } from "hardhat";
import { createHardhatRuntimeEnvironment, importUserConfig } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { Manifest } from "../../deploy/lib/manifest.js";
import { EXPLORERS, publishSources, reportPublished } from "../../deploy/lib/sources.js";
import { deploySuite } from "../support/suite.js";

const CONFIG = path.join(import.meta.dirname, "../../hardhat.config.ts");
const SEPOLIA = 11_155_111;

/** Data that an explorer received for a contract. */
interface Submission {
  path: string;
  address: string;
  name: string;
  hasSources: boolean;
}

describe("sources of a deployment (INT-2)", function () {
  const submissions: Submission[] = [];
  let node: Awaited<ReturnType<typeof network.createServer>>;
  let explorer: Server;
  let environment: HardhatRuntimeEnvironment;
  let manifest: Manifest;
  let isRefusing = false;

  before(async function () {
    const chain = { override: { chainId: SEPOLIA } };
    node = await network.createServer(chain, "127.0.0.1", 0);
    const { address, port } = await node.listen();
    const url = `http://${address}:${port}`;
    explorer = createServer((request, response) => {
      let body = "";
      request.on("data", (data: Buffer) => (body += data.toString()));
      request.on("end", () => {
        const answer = stand(new URL(request.url ?? "", "http://explorer"), body);
        response.statusCode = answer.status;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(answer.body));
      });
    }).listen(0, "127.0.0.1");
    await once(explorer, "listening");
    const server = `http://127.0.0.1:${(explorer.address() as AddressInfo).port}`;

    const config = await importUserConfig(CONFIG);
    environment = await createHardhatRuntimeEnvironment(
      {
        ...config,
        networks: { ...config.networks, sepolia: { type: "http", url } },
        verify: { etherscan: { apiKey: "key" }, sourcify: { apiUrl: `${server}/sourcify` } },
        chainDescriptors: {
          [SEPOLIA]: {
            name: "Sepolia",
            blockExplorers: {
              etherscan: { url: server, apiUrl: `${server}/etherscan` },
              blockscout: { url: server, apiUrl: `${server}/blockscout` },
            },
          },
        },
      },
      { config: CONFIG, network: "sepolia" },
    );
    const connection = await network.create({ network: "localhost", override: { url } });
    const simulated = await network.create();
    const suite = await deploySuite(simulated);
    for (const entry of [
      ...Object.values(suite.manifest.contracts),
      ...Object.values(suite.manifest.others),
    ])
      await connection.provider.request({
        method: "hardhat_setCode",
        params: [entry.address, await simulated.ethers.provider.getCode(entry.address)],
      });
    manifest = suite.manifest;
    await simulated.close();
    await connection.close();
  });

  after(async function () {
    explorer.close();
    await node.close();
  });

  /**
   * Answers of the stand-in: no contract is verified yet, and it accepts every submission unless
   * told to refuse.
   */
  function stand(url: URL, body: string): { status: number; body: object } {
    if (url.pathname.startsWith("/sourcify")) return standForSourcify(url, body);
    const action = url.searchParams.get("action");
    if (action === "getsourcecode" || action === "checkverifystatus") {
      const isVerified = action === "checkverifystatus" && !isRefusing;
      const result =
        action === "getsourcecode"
          ? [{ SourceCode: "" }]
          : isVerified
            ? "Pass - Verified"
            : "Fail - Unable to verify";
      return {
        status: 200,
        body: { status: isVerified ? "1" : "0", message: isVerified ? "OK" : "NOTOK", result },
      };
    }
    const form = new URLSearchParams(body);
    submissions.push({
      path: url.pathname,
      address: form.get("contractaddress") ?? "",
      name: form.get("contractname") ?? "",
      hasSources: (form.get("sourceCode") ?? "").includes("SPDX-License-Identifier"),
    });
    return { status: 200, body: { status: "1", message: "OK", result: "ticket" } };
  }

  function standForSourcify(url: URL, body: string): { status: number; body: object } {
    const address = url.pathname.split("/").at(-1) ?? "";
    const contract = {
      match: null,
      creationMatch: null,
      runtimeMatch: null,
      chainId: "1",
      address,
    };
    if (url.pathname.includes("/v2/contract/")) return { status: 404, body: contract };
    if (body !== "") {
      const { contractIdentifier } = JSON.parse(body) as { contractIdentifier: string };
      const hasSources = body.includes("SPDX-License-Identifier");
      submissions.push({ path: "/sourcify", address, name: contractIdentifier, hasSources });
      return { status: 202, body: { verificationId: "ticket" } };
    }
    const job = { isJobCompleted: true, verificationId: "ticket", jobStartTime: "now" };
    return { status: 200, body: { ...job, contract: { ...contract, match: "match" } } };
  }

  it("go to Etherscan, Blockscout and Sourcify, each contract by its name with all its sources", async function () {
    const { Settlement, AccessManager } = manifest.contracts;
    const some = {
      ...manifest,
      contracts: { Settlement, AccessManager } as Manifest["contracts"],
      others: {},
    };

    const published = await publishSources(environment, some, EXPLORERS, () => undefined);

    expect(published.map(({ refusal }) => refusal)).to.deep.equal(
      Array.from({ length: 6 }, () => undefined),
    );
    expect(submissions.map(({ path: to }) => to)).to.deep.equal([
      ...["/etherscan", "/etherscan", "/blockscout", "/blockscout", "/sourcify", "/sourcify"],
    ]);
    for (const { name, address, hasSources } of submissions) {
      expect(name).to.match(/:(Settlement|AccessManager)$/);
      expect(address.toLowerCase()).to.equal(
        (name.endsWith("Settlement") ? Settlement : AccessManager).address.toLowerCase(),
      );
      expect(hasSources).to.equal(true);
    }
    expect(() => {
      reportPublished(published);
    }).to.not.throw();
  });

  it("are named in a sentence where an explorer refuses them", async function () {
    const { OPAToken } = manifest.contracts;
    const one = { ...manifest, contracts: { OPAToken } as Manifest["contracts"], others: {} };
    isRefusing = true;

    const published = await publishSources(environment, one, ["etherscan"], () => undefined);

    isRefusing = false;
    expect(published[0]?.refusal).to.be.a("string");
    expect(() => {
      reportPublished(published);
    }).to.throw("Not published: 1 of 1. Run the same command again");
    expect(hre.config.networks["sepolia"]?.type).to.equal("http");
  });
});
