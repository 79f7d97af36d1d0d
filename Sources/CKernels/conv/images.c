// Small images, many of them: one image per lane. A batch becomes [..pixel..][image], where every step of every chain is a whole vector
// and padding is not multiplied at all, since each pixel takes the taps that reach it.
#include "images.h"

#include "../scratch.h"

#include <string.h>

enum {
  IMAGES_STEP = 16,             // lanes of the widest level
  WEIGHTS_MOST = 40 * 1024,     // floats that stay in the second-level cache while all pixels go over them
  COLUMNS_MOST = 32,            // wider images lose little to padding and partial vectors
  TURNED_MOST = 60 * 1024,      // floats of a turned chunk, which stays in the second-level cache
  TURNED_LIMIT = 96 * 1024,     // ... where fewer would hold no vector of images
  BAND_ROWS = 4,                // of the input image per piece of work: whole groups of four pixels are transposed
  WORTH_A_THREAD = 200000,
};

bool ck_images_suit(const ck_conv *conv) {
  return conv->groups == 1 && conv->stride_h == 1 && conv->stride_w == 1 && conv->dilation_h == 1 &&
         conv->dilation_w == 1 && conv->kh * conv->kw > 1 && conv->oh > 0 && conv->ow > 0 && conv->w <= COLUMNS_MOST &&
         conv->c * conv->oc * conv->kh * conv->kw <= WEIGHTS_MOST && conv->n > 0 && conv->n % IMAGES_STEP == 0 &&
         ck_images_chunk(conv) > 0;
}

int64_t ck_images_chunk(const ck_conv *conv) {
  const int64_t inputs = conv->c * conv->h * conv->w, outputs = conv->oc * conv->oh * conv->ow;
  const int64_t largest = inputs > outputs ? inputs : outputs;
  int64_t most = TURNED_MOST / largest / IMAGES_STEP * IMAGES_STEP;
  if (most == 0) most = TURNED_LIMIT / largest / IMAGES_STEP * IMAGES_STEP;
  return most < conv->n ? most : conv->n;
}

// The gradient with respect to the input. dy of a chunk lies as [row][column][channel][image], the weights as
// [input][row][column reversed][output], so that all steps of one window row are neighbours in both: at most kh runs per pixel.
typedef struct work {
  const ck_conv *conv;
  const ck_tile_table *table;
  const float *dy;       // of the chunk's first image
  float *turned;
  const float *weights;
  float *dx;             // of the chunk's first image
  int64_t images, panels, bands;
} work;

static void turn_channels(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_conv *v = w->conv;
  const int64_t pixels = v->oh * v->ow;
  for (int64_t o = begin; o < end; o++) {
    w->table->transpose(w->images, pixels, w->dy + o * pixels, v->oc * pixels, w->turned + o * w->images, v->oc * w->images);
  }
}

static int64_t largest(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smallest(int64_t a, int64_t b) { return a < b ? a : b; }

// All inputs of pixel (y, x), to[input * to_step + image].
static void run_pixel(const work *w, int64_t y, int64_t x, float *to, int64_t to_step) {
  const ck_conv *v = w->conv;
  const int64_t bottom = y + v->pad_top, right = x + v->pad_left;  // of the outputs that this pixel reaches
  const int64_t row_begin = largest(0, bottom - v->kh + 1), row_end = smallest(v->oh, bottom + 1);
  const int64_t begin = largest(0, right - v->kw + 1), end = smallest(v->ow, right + 1);
  const int64_t lanes = w->table->lanes, steps = v->kh * v->kw * v->oc;
  const int64_t rows_end = begin < end && row_begin < row_end ? row_end : row_begin + 1;  // one empty run writes zeros
  for (int64_t panel = 0; panel < w->panels; panel++) {
    const int64_t first = ck_piece(v->c, w->panels, panel), rows = ck_piece(v->c, w->panels, panel + 1) - first;
    int64_t most = CK_TILE_VECTORS_MAX;
    while (w->table->kernels[CK_TILE_ROWS][rows][most] == NULL) most--;
    for (int64_t image = 0; image < w->images;) {
      const int64_t vectors = smallest(most, (w->images - image) / lanes);
      ck_tile tile = {.a_step = steps,
                      .b_step = w->images,
                      .b_panel_step = CK_PANEL_VECTORS * lanes,
                      .c = to + first * to_step + image,
                      .c_step = to_step,
                      .start_step = to_step,
                      .tail = lanes};
      for (int64_t u = row_begin; u < rows_end; u++) {
        tile.k = begin < end && row_begin < row_end ? (end - begin) * v->oc : 0;
        tile.a = w->weights + first * steps + ((bottom - u) * v->kw + v->kw - 1 - (right - begin)) * v->oc;
        tile.b = w->turned + (u * v->ow + begin) * v->oc * w->images + image;
        w->table->kernels[CK_TILE_ROWS][rows][vectors](&tile);
        tile.start = tile.c;
      }
      image += vectors * lanes;
    }
  }
}

static void run_bands(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_conv *v = w->conv;
  for (int64_t band = begin; band < end; band++) {
    const int64_t top = ck_piece(v->h, w->bands, band), bottom = ck_piece(v->h, w->bands, band + 1);
    const int64_t pixels = (bottom - top) * v->w;
    float *block = ck_scratch(CK_SCRATCH_CONV_BLOCK, v->c * pixels * w->images);
    for (int64_t pixel = 0; pixel < pixels; pixel++) {
      run_pixel(w, top + pixel / v->w, pixel % v->w, block + pixel * w->images, pixels * w->images);
    }
    for (int64_t c = 0; c < v->c; c++) {
      w->table->transpose(pixels, w->images, block + c * pixels * w->images, w->images,
                          w->dx + (c * v->h + top) * v->w, v->c * v->h * v->w);
    }
  }
}

void ck_images_gradient_input(const ck_conv *conv, const float *dy, const float *weights, float *dx, ck_pool *pool) {
  const ck_tile_table *table = ck_tile_table_current();
  const int64_t window = conv->kh * conv->kw, chunk = ck_images_chunk(conv);
  const int64_t inputs = conv->c * conv->h * conv->w, outputs = conv->oc * conv->oh * conv->ow;
  float *turned_weights = ck_scratch(CK_SCRATCH_CONV_GRADIENT, conv->c * window * conv->oc);
  for (int64_t o = 0; o < conv->oc; o++) {
    for (int64_t c = 0; c < conv->c; c++) {
      const float *from = weights + (o * conv->c + c) * window;
      for (int64_t i = 0; i < conv->kh; i++) {
        float *to = turned_weights + ((c * conv->kh + i) * conv->kw) * conv->oc + o;
        for (int64_t j = 0; j < conv->kw; j++) to[(conv->kw - 1 - j) * conv->oc] = from[i * conv->kw + j];
      }
    }
  }
  work w = {.conv = conv,
            .table = table,
            .turned = ck_scratch(CK_SCRATCH_CONV_OUTPUT, chunk * outputs),
            .weights = turned_weights,
            .panels = ck_pieces(conv->c, table->rows_max),
            .bands = ck_pieces(conv->h, BAND_ROWS)};
  for (int64_t n = 0; n < conv->n; n += chunk) {
    w.images = smallest(chunk, conv->n - n);
    w.dy = dy + n * outputs;
    w.dx = dx + n * inputs;
    ck_pool_for(pool, conv->oc, 1 + WORTH_A_THREAD / (8 * w.images * conv->oh * conv->ow), &w, turn_channels);
    const int64_t operations = w.images * inputs / w.bands * window * conv->oc;
    ck_pool_for(pool, w.bands, 1 + WORTH_A_THREAD / (1 + operations), &w, run_bands);
  }
}
