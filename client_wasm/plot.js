// The browser's side of plot.cc: draws pairs of x and y from 0 to 1, NaN being a break, the newest with a dot.
mergeInto(LibraryManager.library, {
  tidings_dom_plot__deps: ['$domOperations'],
  tidings_dom_plot: function () {
    return domOperations.push(function (canvas, at, nameLength, length) {
      var context = canvas.getContext('2d');
      var scale = devicePixelRatio;
      var dot = 3 * scale;
      var width = (canvas.width = canvas.clientWidth * scale);
      var height = (canvas.height = canvas.clientHeight * scale);
      var beforeX = NaN;
      var beforeY, x, y;
      context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
      context.lineWidth = 1.5 * scale;
      context.lineCap = 'round';
      for (var end = at + length; at < end; at += 8) {
        x = Math.round(HEAPF32[at >> 2] * (width - dot)); // whole pixels, else the areas' edges show
        y = height - dot - HEAPF32[(at + 4) >> 2] * (height - 2 * dot);
        if (x === x && beforeX === beforeX) {
          context.beginPath();
          context.moveTo(beforeX, beforeY);
          context.lineTo(x, y);
          context.stroke();
          context.lineTo(x, height);
          context.lineTo(beforeX, height);
          context.globalAlpha = 0.12;
          context.fill();
          context.globalAlpha = 1;
        }
        beforeX = x;
        beforeY = y;
      }
      context.beginPath();
      context.arc(x, y, dot, 0, 7);
      context.fill();
    }) - 1;
  },
});
