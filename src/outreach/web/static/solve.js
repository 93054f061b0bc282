// A worker: finds the number that solves a challenge of ALTCHA (v2, PBKDF2), and says it as the form wants it.
"use strict";

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (one) => one.toString(16).padStart(2, "0")).join("");

async function solve({ parameters, signature }) {
  const { nonce, salt, cost, keyLength, keyPrefix, algorithm } = parameters;
  const began = Date.now();
  const password = new Uint8Array(nonce.length / 2 + 4);
  password.set(bytes(nonce));
  const counterAt = new DataView(password.buffer, nonce.length / 2);
  const kind = { name: "PBKDF2", hash: algorithm.split("/")[1], salt: bytes(salt), iterations: cost };
  for (let counter = 0; ; counter++) {
    counterAt.setUint32(0, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(kind, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) {
      const solution = { counter, derivedKey, time: Date.now() - began };
      return btoa(JSON.stringify({ challenge: { parameters, signature }, solution }));
    }
  }
}

onmessage = ({ data }) => solve(data).then(postMessage);
