// swift-format-ignore-file
// Made by Tests/Fixtures/make_sequence_fixtures.py: do not edit.

import TestSupport
import Tensors

/// Results of PyTorch 2.13.0.
enum SequenceFixtures {
  /// Two bidirectional LSTM layers of 3 units over lengths 4, 1, 3.
  static let lstm: [String: FixtureTensor] = [
    "x": .init(.float32, [3, 4, 2], "gPVAvMjgHb+gQMU9wqFpv64RFb/Q/8i+gt0xP3jYcT/CfBU/EiAyP7CHEr6C+Bi/dNspP9CZdz/AgbQ9xKP2PiIVE7+knKM+/JOSvoAxzT5Uoau+bMd9PzaoXT+Aa0Y+"),
    "y": .init(.float32, [3, 4, 6], "jJOtPIHolj3IU9+9GaBZPn3auL53vUe+T9KHvciTfD0iOpK9glVLPrxfqL7SZDi+uvS8vbXMrj0vQAy9OmsjPiWcgb7xdDa+17GHva7WEj4cCeG8KR+ZPXVn1b0Rk16+18lpvhKrXz6Y/tk9cc5Ivkxzar6OpOe9AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAqY4EPZMWm739jyK+xc2iPrH4oL7zBTW+3xIlvFYGYzw4Dfe9MBCjPpX6h75l2/u9/Qv+vH01tT3uiau9Q7i8PifiTL4mPn28AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "initial_hidden_0": .init(.float32, [3, 6], "oL9qv0gujz5wikE/VL93P/gRB76wZeu9nqw9PzBC6T6SGQE/0IyUvjQ79D6mBn8/IPYKPwAXbryQVqQ9BDt3v4oRMj/SsCK/"),
    "final_hidden_0": .init(.float32, [3, 6], "kM0VPSnCqb5yrQQ9LCdXvmARNT6Zp9G+XD2mvtMXfr48Qw++WdYpvgeH/z00HRS+w90zvjpdu76m9c28IDZpvaxngr2zHXO+"),
    "initial_cell_0": .init(.float32, [3, 6], "wNhYvZT3sT6OBQM/6JU7P4B3urzMKW4/DCp5v7SkGb9oAgO/QMyAPIAGe76w/qG+/NN3v4QaE79Athg+tm0FP/K7YD/AgCs/"),
    "final_cell_0": .init(.float32, [3, 6], "LYyqPZ6gOb90FuU9xEDuvl43xz5stXW/1UQov7swCr/pw6u+726jvqhwjj4lr8e+fN3Cvr5sTr/zYda9KssZvvIG5L0UtNC+"),
    "stack/layer_0/input_weight": .init(.float32, [2, 12, 2], "9giNPUi+iz2QiPG+s3KrvsisEb/PSAi/NKRkvrdnCL8lYdA85fRTvmTu/T2fCtw8h7MRPzg89D6dNQw+GjsMP+YeVr5vmKi+DAL8PjGC+rzEh+A957+uPhTGmz7HQqm+SahRvUMawDwbmrs+DMF5PiN20L7DYgu/k+DmPs8tYr2Muai+48TYPUXDEL9DhWm+oYsvPtBOkD7Eiqk+BH3LPnCnAj+XyHa+asMPv0jDkD6bkQ4/QFDXvurOlL4EGf0+"),
    "stack/layer_0/recurrent_weight": .init(.float32, [2, 12, 3], "OwP8PsqsSz3bI5Q+ao46PkciAz/xxHW+jtL2PlsF1D5R9mu+Jyi+PheIqz60vw2/tIoTv2JDRD5FCZE+zAIDP+q8kT3eisg+mjK1PmGkCD8UJKe+B5pmvho5yj69We4+d/UbPteMNT6b8do+1YcBP6n0ur5DL3O+guP4Pkypnz4os4q+ZZlIvhpvDz+yJLm+KwSZvd/nDL6dmnM+/ShIPLHm6L5F/Ge9brJbPVqzuD5WJwU9UnXvvJyh7D4W6KW96rvGPnfgGL56vk89prs/Pqu3Cr/HlOM98CZOvrZBZj4CNog+5G3gPYS7nr457R8+cwmpPZrvpT44iSG+ApgZvSs/mj7IFZ298UOaPtf7vb3hzwE/2F6Ru2ps+b2N/0w+"),
    "stack/layer_0/bias": .init(.float32, [2, 24], "eRTSvj5zsD5wYg6/YY+VPXf7qT2YaAG/7ZDAPjQxgD1xmLY+7YhpPiqAzL63dsQ72E+VvuM+i74MraC+948IPwaPgz66p+6+G7X7PoI2pz5OcHM+rzsxvl7X776lnvs9X7+gPlBlaT5f6mc8I+i5PI5FS76FXne+QEZ0vSwQOj4R/DI+D2eOvsDCZj4kJf2+kr3vvnRd6D5G11k9hgB9vuyYlD6VVvc+Y6IiPTb6sb1fLXW+p4nkvkI84T2wmua+"),
    "initial_hidden_1": .init(.float32, [3, 6], "qGYbv6yxI7/Gy3Y/pjARv4ZbMz/o1N++YEV/PVj61j7yVHY/7CF8v2BPuL0YWSe/WCB/vliTFT6Q0AG/SBxdP7wCW78gNoI+"),
    "final_hidden_1": .init(.float32, [3, 6], "17GHva7WEj4cCeG8GaBZPn3auL53vUe+18lpvhKrXz6Y/tk9cc5Ivkxzar6OpOe9/Qv+vH01tT3uiau9xc2iPrH4oL7zBTW+"),
    "initial_cell_1": .init(.float32, [3, 6], "jFS6vmRvwL7O0Eu/gIgxPgDoET5Ksz2/QvVrv0Cspj7IWMg+PgBhvzC3kr2wJaM9cHi/PrQ66r5mIiC/rsheP4AKor1IwdE+"),
    "final_cell_1": .init(.float32, [3, 6], "nYkgvp6Axj4cO6a9QSHKPqqmgb+4tva+SlPdvs8JGT/B/7M+HEPkvgvUAb+LcVW+aZ+QveJNfT7mi4W+JPAuP/wIQL/qsAK/"),
    "stack/layer_1/input_weight": .init(.float32, [2, 12, 6], "dPU8vsyZEb/4ixA/ugWgPvFT1T7UqNe9mKTzvRs+Zz0LsRA+2oB0PKtrmb6kBQQ/Wg2KPqOnVb3Yz/u+WpaRvvQyTr5nN8W9E0T8vpvkKb6scBU+kK+avqJ3kj7qmgS/Z+6OvbOKvj6u6Ra+51cXvoI9AD4ecuI+/p4EPgNkajwHEmq8aoH6voYkar5RNhM/DZ8jPt6Yxb01k0w+NAHAvkNdAb6ZmoU+YigRP+64+b7h2HU9jhycPqUdf71FvQk+nI64Pl7cEr86Cq8+xCEEvxap2z0h7bI+bl+GvrLGqjsN5A2/l6cRvZSUpj5tVZM+Tf8dPioNQr19PHK+QEnwPsabLj7zW1I+3e+PPpkbJ77uaTS9L3cLP4dLBD95sRK/HOLRPr37CT9kN3y7GPUPP0KdZb2YPp28GMt1vcz+Az6AhoU+yULovoLVR76Nw9a+D0bkvatDJj6XcLq++nrKPa2LDb/F42o+9GPhvi/sWr6JG48+4GHpvuf1+j4PD1q+KmhSvpqP9b5sH/S+0MIGv5NsED6vY/A+iIBLPkbV6z7Iidm+dZPsvrigBT+wJoU9TsmyPruZQr4pwKY+pSavvaNqyb448Qi/EOIEv6YtMj4/SLs9lkzdvi7+mr3EFBc9442ePB6jnz5sDw4/zfu3Pkx5iT4Q4rQ+KpGTvoo1br4VJYa++hfJPRigBT4m2wc+1WK7vtaYEb9B3Cu+ar2KPl74Cb/Ot3E+s+ZbPgSnpb5jQ+I+v3Ckvp3ahD6gNg69"),
    "stack/layer_1/recurrent_weight": .init(.float32, [2, 12, 3], "0dfFvkR7iz47TE2+8xhIPho7gz7xDdE+Z223vi4Hlr2mgMm+2YXBu453475tcr8+sgqVvS55bb1znww+qBXrPvB8qr0sCYm93fjwPS7si75rwWk94THzvj1xBb5c7/a+kB76vtUqTD4PHcE8FnxZvvA6gr5emwA/DDd7PddLJD4yZxM/bNcOP8cx+735ZJU+knKnPpv8hj4dkxI+1ryJvjeQAz/iMd69fuYIv9ipXj4Ed8y+7GCXPoWm/b7KQJe+QVC1vccdDb8xmcQ+42uavh3xyT7W7EW8vfUBPqciDT8Ar3G++Yhfvg5ly7ztZ8y9k4saPYm0hb1rpQ0/ABiqPn4587uv0h++HalPPQ0jzz4tyo++2H1LvspS3T5S1oe+"),
    "stack/layer_1/bias": .init(.float32, [2, 24], "eht8PioM0j19Xow+rrMIv3i7Eb/MCiW+fuIQP9QAML5oydg+QQ79vt21rz0rrD4+9fSXvWdqvT64j3S+NuOGPv4/Kj7/s/C+VUfzPi+PTL5gWho+vRzSPvs+nT4sKG++a2JKPpLrkT7hV6m+Gx2bvdi8xL53HX6+wl5+vWosWz3Pnwm+rtYMPxrRDr+o1fO+ICDxPpGUVjvGb/U+MEqkvhkdKz7VVCw+LJTwPvh3oD5pmOA+bJy3vkR1Cr9xA4K+"),
  ]

  /// Two forward GRU layers of 4 units over lengths 2, 4, 3.
  static let gru: [String: FixtureTensor] = [
    "x": .init(.float32, [3, 4, 3], "ACbmvYoEeb8ENyq/XMkTP/DFrb4GIwk/GmYKvzCAuj2Ajfs9QNyIPUSVpb6i0l2/9MpkP5yMQr+Qa1Y/sAu4voq4AT+IiHU/YCfEvYByOjykvbo+KqQBvwBv9bu8wj4/TJa7vnbyTL/UL3k/4IocPgL9T7/wLkk/oGB0PYgZSD7Y2oA+UnxxPwC1+btS2WE/"),
    "y": .init(.float32, [3, 4, 4], "APCHuePHZD4n5a6+F/d4vr0u0z2W9qY+rLjivUhEJj0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAK7EPj7nk6U+2izrvraBob62CEE+aneIPs9/gr6w46s8IMkqPjZFiT5ck8q9Os9xPptCIj6BgpQ+8CMIvBIYwT6QJk09F7omPwr8mT3AKhY/gMDcumfjFj8OojY+5EYAP0ZxGj0jdA8/Mih4Pr4/Aj8AAAAAAAAAAAAAAAAAAAAA"),
    "initial_hidden_0": .init(.float32, [3, 4], "GLsFv8ACMj04VpW+TNzhPo6IVz90bfE+kjEwv0DFAL3maWW/MvwWP7RyZb9QzVM+"),
    "final_hidden_0": .init(.float32, [3, 4], "ReWkPrywxz4shg4++QpBPmPW5j5X4Vo+3CAavCTccj4qOkA+qILWPncJUD4L4lo+"),
    "stack/layer_0/input_weight": .init(.float32, [1, 12, 3], "gJnPu5R/uD7Qru4+KJj7PoRMAD6qTPk+rCB0Piq0kj66w6S+ngijPuI2nD7IIw4+gEaHvGD6Oj5aKfq+qO1GvugyiD1IioQ+Up/qPrZAuz7SMpY+YOwfPpyZvD7g3Ji+mIqhPoaDoL5w9DO9DENQPiqkvb4E+Dc+ABr7uii51D0+yb++ECxhvlxwMT7Aoha9"),
    "stack/layer_0/recurrent_weight": .init(.float32, [1, 12, 4], "YNwuvgAA173asos+Vr+ovjikwT4qLs++SOK5PW4V9r4gpP49pDECPtAs570qnOU+tP+PPiDz7j2kcCs+sCrvvuCFSD24Dvc+uITcPSCpQr7AZlu8NGQAPgRCLT7ASsI98AgAPixpsz5c6NI+xlezvgABMj02VPa+NDpCvuLnhj4w/UQ9ruj7PvYkjj6QNVo+gN1lvgCyez6c6CU+UsuHvuTw2b6gg/o+cKpPPmhpvT2Ip5m+oJJ+PTRD0z5wZLA9"),
    "stack/layer_0/bias": .init(.float32, [1, 24], "YO+yPUpyzb6qeqU+XJlUPgBo+bx4pdU+wDCHvgSRHL4M0cI+0CZxPTi3zj2YmFc+nBrgPjipLD6I09q+0Fmxvu7m6b6UXCI+RA2iPqY4wb4Qwww+nKFsPgrT5D4qvo8+"),
    "initial_hidden_1": .init(.float32, [3, 4], "DH+QvgBSDztEYx+/DH06v5CQJj64rug+DrY4v+Q+Tr9QZ3I+wvBYP4CFODzevEY/"),
    "final_hidden_1": .init(.float32, [3, 4], "vS7TPZb2pj6suOK9SEQmPZtCIj6BgpQ+8CMIvBIYwT5GcRo9I3QPPzIoeD6+PwI/"),
    "stack/layer_1/input_weight": .init(.float32, [1, 12, 4], "Qke1viZt6L6I76s9WrayPgRAWz4gZ/I8YJ6gPbTkar7QQ+U94HIzvSYa7b5C2+I+ULyjPn4euz6Af9y8wMdGvbRZIb7gakq9ZmbtvuATTD2Q2o29PPOVvoDzzbzucZG+WHx/viR7HL5UoiO+sI5jPggy776a25c+AA9wvhCNBL2g/yu9DqiWvnC3w734JWY+iG3dveB62T5Qaaw+sHyrPqCnlTwcN7w+AkjIPhbD0b76TtE+xIa7vmAdMT0EvN4+"),
    "stack/layer_1/recurrent_weight": .init(.float32, [1, 12, 4], "FkK1vgoMhr5qZJ2+OqeFvijqvr0ANuY+5AbhPtrg475mpJk+QHIKPgR3p77MJWy+gLu8PPwjj74AG3O7ms6RPpi5675AmnY+IJdgvezxHD4AeUy7XOYNPnLsrD4e4oE+QIDZPoilmb5SXP++0P1Mvtzfoj4yKu0+ItmNPm4kpr7I71m+gM6hvAgo5j3iI9e+bn7tviDDVD6AaLO9uGLCPQBParvW6Yc+IG+lPdDrtL7wph0+iLM3Pi5Axz7ud6k+"),
    "stack/layer_1/bias": .init(.float32, [1, 24], "sK9evTixnz14r/A9rAcGvkYzpr4IgpG9aEzPPShon71gqHw9KK8VPuCnRz6s52Q+AOWzvUhhO76UY9s+KOsiPmAT3j4OAsY+BtDWPjAfVb7aX8Q+eG+7PQCZAz1ikbg+"),
  ]

  /// Attention of three queries over five steps.
  static let attention: [String: FixtureTensor] = [
    "queries": .init(.float32, [2, 3, 4], "VmF4P7DBqj6A3CS88v8pPwCYxz3wY2W/oAYiPjgLOD5gFzq/mApBvr4yFz+Oenu/aPOpvmjd/z6wvWM+ANAgu84NAT9ojxc/huNHP9gcE75AHa29pB8kP44nGL/qYBY/"),
    "keys": .init(.float32, [2, 5, 4], "OCLhPhBiWj9iPB8/AAaUO0CJx7wOvT0/eJBUP/oaEL/kn4m+oB/DvpZRBj+AdsY8CCqxvoC+aL/ANMC+dkVhP8DgcL8GxnI/Hv9uP3Ca6j1g1nW/PkQ4P5wgvz4ARNo9+NwnPlaWGL+I3D6+4NdNP/ZACD98K0U/IKdSPyoWUz+M1kY/9mAcv57uYD9AylU9gvtNPwDAhj6Uj2G/PI9uPw=="),
    "values": .init(.float32, [2, 5, 2], "aP6uPqPjLD9QYDE/vpCxPtjtQj6w+d095FC+Pi71ZT83AwM/yIXTPYJYbz+wia4+rBCdPraBtj6pymw/0gEOP3SBHz7scSI+cJ8/PcWlEj8="),
    "mask": .init(.float32, [2, 5], "AACAPwAAgD8AAIA/AAAAAAAAAAAAAIA/AACAPwAAgD8AAIA/AAAAAA=="),
    "scaled_dot": .init(.float32, [2, 3, 2], "Mw7PPpMu3T68ZLw+9NmnPjR93j5g87A+KtYpP4nUvD5xph8/u4O9PuOlJj/fcMM+"),
    "attention/query/weight": .init(.float32, [4, 3], "RCLbvgDpu7xwd74+ECbiPqirpb1UZ1o+OGXlPVCXub2IWso+hMdGPnJoj77wQEC+"),
    "attention/key/weight": .init(.float32, [4, 3], "tibAvu600744Es89utn/vry4hD7KePM+ILeNvaa0oT7IlvO90PnJvUAQnD0G5b++"),
    "attention/score/weight": .init(.float32, [3, 1], "ZASOPoCJAb4Y4qm9"),
    "additive": .init(.float32, [2, 3, 2], "lOzHPuhHtD58c8g+27u1PnLuxz4YObM+63UKPy03rj6L3Ao/EKWuPomiCj/XT64+"),
    "additive_weights": .init(.float32, [2, 3, 5], "79mZPnSInT6encg+AAAAAAAAAADmR5w+ftmdPp3exT4AAAAAAAAAADC1lz6EMZ4+TRnKPgAAAAAAAAAAHk9wPh4MlD4+G1M+tD6KPgAAAAA9aHA+AUaUPrsAVT6FBYk+AAAAAPGAcD5EiJM+kQRUPvs0ij4AAAAA"),
    "attention/general/weight": .init(.float32, [4, 4], "yIEYvmDgTr6wFjE+VBkKPijIYz7MlaC+gOXdu0zoYr7e2Mo+BHo1PoCdLT3Ilbm9sPQfvUD7eTw+1YQ+wFnwvg=="),
    "general": .init(.float32, [2, 3, 2], "3vrPPtI4rj5utdk+mhzMPpNczj5Wed4+VdkHP4WsrT4Qm/8+N5iqPr8GBj+iNaQ+"),
  ]

  /// Token cross-entropy, and its gradients.
  static let loss: [String: FixtureTensor] = [
    "logits": .init(.float32, [3, 4, 5], "psaAP6BRlT8AJAs7RlT1v5BMHb+0HaS/LlWXv6zXvD+mnuG/tFzCP+J9n78wLsc+SN0tP3AupL+4Ef8/Dt+MPwCs97zYFuo/SGTmPoRNYr/4JYk/QLZQP0DfKL38bsQ/EAvEP5jLHL/8++E/4gSiP8gBpr7U8Ik/6AFUP/Acuj9cUci/Dqeiv7gKtD7AbzY/9GPYP8DPHD9Uc1q/oJTZPW79hz98UtK//AtavxLEzL8YhMi+wMQWP1hnRb8qIY4/PIwFP/Cs3D4O/sa/AECgO6Cmv71MPSW/5I/1v3D0ST7Ii7W/sv7EP1DRfj6AXiy/"),
    "labels": .init(.int64, [3, 4], "AwAAAAAAAAADAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAgAAAAAAAAAEAAAAAAAAAAEAAAAAAAAA"),
    "mask": .init(.float32, [3, 4], "AACAPwAAgD8AAAAAAAAAAAAAgD8AAIA/AACAPwAAgD8AAIA/AAAAAAAAAAAAAAAA"),
    "plain": .init(.float32, [], "C9cUQA=="),
    "plain_gradient": .init(.float32, [3, 4, 5], "BJJRPdANdj1Mlpk8tXcPvlfPJTyW+4U79Q2UO4n5gz05sg++UMqJPQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABPHu29da6rPGbOETyTPTA9NLQvPdGmujs7x6a95KIYPZAC+TvO7Pw87PEdPYaqkz1+1WY7pueaO6KI873sje29vUiSPUQbxzyD4Lc7sQJwPFfFwD1WIs47gRIEvnlH1zs1JLQ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "smoothed": .init(.float32, [], "KFMTQA=="),
    "smoothed_gradient": .init(.float32, [3, 4, 5], "Ft5FPeFZaj1vLoI8xsMDvjv/7TuKcKE6BrrZOiM/fD1K/gO+WfCDPQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABwttW9mUaUPFv9xTumiSQ9RwAkPb0OOjtcX4+99u4MPR5jmzvzhOU8/D0SPY7QjT1XWi46xiD1OsQg3L0OJta9x26MPWizrzwhgjQ7+TJBPGDruj3GBWE7JL3wvQpQcztYvJw8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
  ]
}
