// The browser's side of plot.cc: draws the points of its Picture as a line, the newest with a dot; anew where the canvas
// gets another size or colour, or its pixels do.
mergeInto(LibraryManager.library, {
  tidings_dom_plot__deps: ['$domOperations'],
  tidings_dom_plot: function () {
    return domOperations.push(function (canvas, at, nameLength, length) {
      var words = HEAPF64.slice(at >> 3, (at + length) >> 3);
      function draw() {
        var context = canvas.getContext('2d');
        var scale = devicePixelRatio;
        var dot = 3 * scale;
        var width = (canvas.width = canvas.clientWidth * scale);
        var height = (canvas.height = canvas.clientHeight * scale);
        var beforeTime, beforeX, beforeY, x, y;
        context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
        context.lineWidth = 1.5 * scale;
        context.lineCap = 'round';
        for (var i = 4; i < words.length; i += 2) {
          // Whole pixels, else the areas' edges show.
          x = Math.round((1 - (words[words.length - 2] - words[i]) / words[0]) * (width - dot));
          y = height - dot - ((words[i + 1] - words[2]) / (words[3] - words[2])) * (height - 2 * dot);
          if (words[i] - beforeTime <= words[1]) {
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
          beforeTime = words[i];
          beforeX = x;
          beforeY = y;
        }
        context.beginPath();
        context.arc(x, y, dot, 0, 7);
        context.fill();
      }
      // The end of a transition is of its colour.
      if (!canvas.ontransitionend) {
        new ResizeObserver(function () {
          canvas.ontransitionend();
        }).observe(canvas);
        (function watch() {
          matchMedia('(resolution:' + devicePixelRatio + 'dppx)').onchange = function () {
            watch();
            canvas.ontransitionend();
          };
        })();
      }
      canvas.ontransitionend = draw;
      draw();
    }) - 1;
  },
});
