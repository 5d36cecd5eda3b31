// The page with structs without C++: reads them by JSON.parse().
const count = document.getElementById("count");
const last = document.getElementById("last");
let events = 0;
let farthest = 0;
let frame = "";
let isAsked = false;

function show() {
  isAsked = false;
  count.textContent = events;
  last.textContent = frame;
}

new EventSource("/poses").addEventListener("pose", (event) => {
  const pose = JSON.parse(event.data);
  if (pose.x > farthest) farthest = pose.x;
  events += 1;
  frame = pose.frame;
  if (!isAsked) {
    isAsked = true;
    requestAnimationFrame(show);
  }
});
