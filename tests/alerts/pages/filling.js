// The watch over a page that fills itself (filling.py): holds its answers, lets them in one by one, and tells what moved.
({ lastFirst, forgiven, patience }) => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=treeitem]";
  // Drawings of the page between two answers, after the last one, and before a part that is not shown is given up.
  const [BETWEEN, AFTER, AT_MOST] = [1, 3, 60];
  const held = []; // {number, go}: has come and is not yet let in
  const awaited = new Map(); // number -> address: asked for, has not come
  let asked = 0;
  let holding = true;

  const ask = (address) => {
    awaited.set((asked += 1), String(address?.url ?? address));
    return asked;
  };
  const come = (number, go) => {
    awaited.delete(number);
    if (holding) held.push({ number, go });
    else go();
  };
  const realFetch = window.fetch;
  // Read before it is held: the page's patience with the server ends while we hold the answer.
  const whole = async (given) => {
    const answer = await realFetch(...given);
    const body = answer.status === 204 ? null : await answer.arrayBuffer();
    return new Response(body, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
  };
  window.fetch = (...given) => {
    const number = ask(given[0]);
    return new Promise((resolve, reject) => {
      whole(given).then((answer) => come(number, () => resolve(answer)), (error) => come(number, () => reject(error)));
    });
  };
  // A stream has come with its first message after the opening; all its messages keep their order.
  window.EventSource = class extends EventSource {
    #number = ask("the stream");
    addEventListener(type, listener) {
      super.addEventListener(type, (event) => {
        if (type === "error") return listener(event);
        come(this.#number, () => listener(event));
        if (type === "open") awaited.set(this.#number, "the first message of the stream");
      });
    }
  };

  let places = new Map(); // node or name -> [x, y], where it was first seen
  let moved = new Map(); // name -> where it went
  const saying = (node) => (node.labels?.[0] ?? node).textContent.trim().replace(/\s+/g, " ").slice(0, 40);
  const nameOf = (node) => `${node.localName} "${saying(node) || node.name || node.id}" in #${node.closest("[id]")?.id ?? "page"}`;
  const look = () => {
    // What the page shows after a while without answers is not what it shows when they are slow by turns.
    for (const each of document.getAnimations()) if (each.animationName === "shown") each.pause();
    const seen = [...document.querySelectorAll(CONTROLS)].filter((node) => node.checkVisibility({ visibilityProperty: true }));
    const names = Map.groupBy(seen, nameOf);
    const here = new Set();
    for (const node of seen) {
      const box = node.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const name = nameOf(node);
      // A node that was made anew is known by its name, where it is the only one so called.
      for (const key of names.get(name).length === 1 ? [node, name] : [node]) {
        here.add(key);
        const [x, y] = places.get(key) ?? [box.x, box.y];
        places.set(key, [x, y]);
        const way = `from ${Math.round(x)}, ${Math.round(y)} to ${Math.round(box.x)}, ${Math.round(box.y)}`;
        if (Math.max(Math.abs(box.x - x), Math.abs(box.y - y)) > forgiven) moved.set(name, `${name} moved ${way}`);
      }
    }
    for (const key of places.keys()) if (!here.has(key)) places.delete(key);
  };

  const letIn = () => {
    const numbers = held.map((each) => each.number);
    const chosen = lastFirst ? Math.max(...numbers) : Math.min(...numbers);
    held.splice(numbers.indexOf(chosen), 1)[0].go();
  };
  window.watching = () => new Promise((resolve, reject) => {
    let since = performance.now(); // when something came or was let in
    let inFlight = -1;
    let drawings = 0;
    [holding, places, moved] = [true, new Map(), new Map()];
    const end = (tell) => {
      holding = false;
      held.splice(0).forEach((each) => each.go());
      tell();
    };
    const draw = () => {
      look();
      drawings += 1;
      if (awaited.size !== inFlight) [inFlight, since] = [awaited.size, performance.now()];
      if (performance.now() - since > patience) return end(() => reject(new Error(`waits for ${[...awaited.values()]}`)));
      if (drawings > BETWEEN && awaited.size === 0 && document.readyState === "complete") {
        if (held.length > 0) {
          letIn();
          [drawings, since] = [0, performance.now()];
        } else if (drawings > AFTER) {
          const unshown = [...document.querySelectorAll("[aria-busy=true]")].map((each) => `#${each.id} is never shown`);
          if (unshown.length === 0 || drawings > AT_MOST) return end(() => resolve([...moved.values(), ...unshown]));
        }
      }
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  });
  window.filling = window.watching();
}
